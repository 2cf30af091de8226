//! Calls without an asynchronous runtime.
#![cfg(feature = "blocking")]

use std::io::{Read as _, Write as _};

use charter_client::{Call, Transport, blocking};

/// The connection of the first call belongs to a runtime that has ended, and must not be used again.
#[test]
fn calls_run_one_after_another() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            // The connection stays open.
            std::mem::forget(stream);
        }
    });
    let transport = Transport::new(&base).expect("a base URL");
    for _ in 0..2 {
        let call = async { transport.send(Call::new("GET", "/orders")).await?.text().await };
        let response = blocking::wait(call).expect("a runtime").expect("a response");
        assert_eq!((response.status().as_u16(), response.body.as_str()), (200, "ok"));
    }
}

#[test]
fn a_base_url_is_absolute() {
    for url in ["", "/v1", "orders.example.com", "ftp://orders.example.com", "https://orders.example.com?a=b"] {
        assert!(Transport::new(url).is_err(), "{url}");
    }
}

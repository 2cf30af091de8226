//! A program makes an HTTP client of its own before any other call. The test is alone in its process, which has no provider of cryptography.

use charter_client::{Transport, client_builder};

#[test]
fn a_client_of_the_program_needs_no_provider_of_cryptography() {
    let client = client_builder().user_agent("orders/1").build().expect("a client");
    let _ = Transport::new("https://orders.example.com").expect("a base URL").with_client(client);
}

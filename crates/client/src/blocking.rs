//! Calls from programs without an asynchronous runtime.

use std::future::Future;

/// Runs a call to its end: `wait(client.list_orders())`. It must not be called from asynchronous code.
///
/// # Errors
/// The runtime cannot start.
pub fn wait<T>(call: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(call))
}

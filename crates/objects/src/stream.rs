//! A stream of bytes that is read without a runtime.

use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use futures_util::{Stream as Parts, StreamExt};
use tokio::runtime::Runtime;

type Boxed = Pin<Box<dyn Parts<Item = io::Result<Bytes>> + Send>>;

/// Reads the parts of a stream when they are asked for, so that memory does not depend on its length.
pub(crate) struct Stream {
    runtime: Arc<Runtime>,
    parts: Boxed,
    part: Bytes,
}

impl Stream {
    pub(crate) fn new(runtime: Arc<Runtime>, parts: Boxed) -> Self {
        Self { runtime, parts, part: Bytes::new() }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.part.is_empty() {
            match self.runtime.block_on(self.parts.next()) {
                Some(part) => self.part = part?,
                None => return Ok(0),
            }
        }
        let length = self.part.len().min(buffer.len());
        self.part.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

//! The proxy between a client and an upstream on loopback.

mod enforce;
mod forward;
mod protocols;
mod setup;
mod verdict;

//! The contract as plain values, for both readers: nothing after `lower` opens a document.

mod config;
mod contract;
mod operation;
mod schema;

pub use config::{CheckConfig, Config, FormatsConfig, GenerateConfig, Integers, IpTypes, MapType, Mode, TimeCrate, UuidCrate};
pub use contract::{Contract, stem};
pub use operation::{HeaderSpec, Method, Operation, Parameter, ParameterPlace, PathTemplate, ResponseSpec, Server, StatusRange};
pub use schema::{Draft, JsonType, Keywords, Schema, SchemaId, Schemas};

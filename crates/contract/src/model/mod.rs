//! The contract as plain values, for both readers: nothing after `lower` opens a document.

mod bundle;
mod config;
mod contract;
mod operation;
mod schema;

pub use bundle::Bundle;
pub use config::{
    ArtifactRules, ArtifactsConfig, CheckConfig, Config, FormatsConfig, GenerateConfig, Integers, IpTypes, ListConfig, MapType, MaskConfig,
    Mode, ProbeConfig, SectionsConfig, SimulatorConfig, TimeCrate, UnreachableConfig, UuidCrate,
};
pub use contract::{Contract, stem};
pub use operation::{
    HeaderSpec, Method, Operation, Parameter, ParameterPlace, PathTemplate, RequestBody, ResponseSpec, Server, StatusRange,
};
pub use schema::{Draft, JsonType, Keywords, Schema, SchemaId, Schemas};

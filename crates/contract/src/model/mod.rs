//! Schemas, operations and settings as plain values.

mod config;
mod operation;
mod schema;

pub use config::{
    ArtifactRules, ArtifactsConfig, CheckConfig, Config, FormatsConfig, GenerateConfig, Integers, IpTypes, ListConfig, MapType, MaskConfig,
    Mode, ProbeConfig, SectionsConfig, SimulatorConfig, TimeCrate, UnreachableConfig, UuidCrate,
};
pub use operation::{
    HeaderSpec, Method, Operation, Parameter, ParameterPlace, PathTemplate, RequestBody, ResponseSpec, Server, StatusRange,
};
pub use schema::{JsonType, Keywords, Schema, SchemaId, Schemas};

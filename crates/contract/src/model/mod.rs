//! Schemas, operations and settings as plain values.

mod config;
mod keywords;
mod media_type;
mod operation;
mod parameter;
mod path;
mod schema;
mod security;
mod server;
mod traffic;

pub use config::{
    AcceptedChange, ArtifactRules, ArtifactsConfig, Builders, CheckConfig, ClientLibrary, Config, DiffConfig, DiffConfigError,
    FormatsConfig, GenerateConfig, Integers, IpTypes, LayoutOfCode, Level, ListConfig, MapType, MaskConfig, Mode, ProbeConfig, Reading,
    SectionsConfig, ServerLibrary, SimulatorConfig, TimeCrate, UnreachableConfig, UuidCrate,
};
pub use keywords::{JsonType, JsonTypes, Keywords, Properties, Rare, RareKeywords};
pub use media_type::{Content, Encoding, Example, MediaTypeSpec, is_json, is_json_type};
pub use operation::{Method, Operation, RequestBody, ResponseSpec, StatusRange};
pub use parameter::{HeaderSpec, Parameter, ParameterPlace, Style};
pub use path::PathTemplate;
pub use schema::{Schema, SchemaId, Schemas};
pub use security::{SecurityKind, SecurityRequirement, SecurityScheme};
pub use server::{Server, ServerVariable};
pub use traffic::{TrafficColumns, TrafficConfig, TrafficPattern, TrafficPatternError, UnknownWebhook, WebhookPattern};

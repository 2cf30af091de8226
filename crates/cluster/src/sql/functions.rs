//! The functions of queries.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use charter_engine::{DocumentJudge, DocumentVerdict};
use charter_report::Finding;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListBuilder, StringArray, StringBuilder, StructBuilder,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Fields, Int64Type};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use serde_json::{Value, json};

/// The parts of a finding.
const PARTS: [&str; 5] = ["finding", "severity", "operation", "location", "message"];

/// All functions.
pub(super) fn all(judge: Arc<DocumentJudge>) -> Vec<ScalarUDF> {
    let kinds = [Kind::Exchange, Kind::Check, Kind::Findings];
    kinds.into_iter().map(|kind| ScalarUDF::new_from_impl(Function::new(kind, judge.clone()))).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// An exchange as a line of a recording, from the columns of a log.
    Exchange,
    /// Whether a document has no violation.
    Check,
    /// The findings of a document.
    Findings,
}

struct Function {
    kind: Kind,
    signature: Signature,
    judge: Arc<DocumentJudge>,
}

impl Function {
    fn new(kind: Kind, judge: Arc<DocumentJudge>) -> Self {
        let arguments = if kind == Kind::Exchange { 5 } else { 1 };
        Self { kind, signature: Signature::any(arguments, Volatility::Immutable), judge }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Function").field(&self.kind).finish()
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && Arc::ptr_eq(&self.judge, &other.judge)
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Exchange => "charter_exchange",
            Kind::Check => "charter_check",
            Kind::Findings => "charter_findings",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        for (number, argument) in arguments.iter().enumerate() {
            if argument.is_nested() {
                return plan_err!("argument {} of {} is {argument}; it needs a text or a number", number + 1, self.name());
            }
        }
        Ok(match self.kind {
            Kind::Exchange => DataType::Utf8,
            Kind::Check => DataType::Boolean,
            Kind::Findings => DataType::new_list(DataType::Struct(parts()), true),
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        Ok(ColumnarValue::Array(match (self.kind, arrays.as_slice()) {
            (Kind::Exchange, [method, url, status, headers, body]) => {
                exchanges(&texts(method)?, &texts(url)?, &cast(status, &DataType::Int64)?, &texts(headers)?, &texts(body)?)?
            }
            (Kind::Check, [documents]) => self.check(&texts(documents)?),
            (Kind::Findings, [documents]) => self.findings(&texts(documents)?),
            (_, others) => return exec_err!("{} has {} arguments", self.name(), others.len()),
        }))
    }
}

/// An array as texts. Bytes must be UTF-8.
fn texts(array: &ArrayRef) -> Result<StringArray> {
    Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone())
}

fn parts() -> Fields {
    PARTS.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect()
}

/// Each exchange as a line of a recording; null if a row has no URL or no status.
fn exchanges(
    methods: &StringArray,
    urls: &StringArray,
    statuses: &ArrayRef,
    headers: &StringArray,
    bodies: &StringArray,
) -> Result<ArrayRef> {
    let statuses: &Int64Array = statuses.as_primitive::<Int64Type>();
    let value = |array: &StringArray, row: usize| array.is_valid(row).then(|| array.value(row).to_owned());
    let exchange = |row: usize| {
        let url = value(urls, row)?;
        let status = statuses.is_valid(row).then(|| statuses.value(row))?;
        let headers = value(headers, row).and_then(|text| serde_json::from_str::<Value>(&text).ok()).unwrap_or_else(|| json!([]));
        let method = value(methods, row).unwrap_or_else(|| "GET".to_owned());
        let (method, url, headers) = (Value::from(method), Value::from(url), fields(headers));
        let body = value(bodies, row).map(|body| member(&body)).unwrap_or_default();
        Some(format!(
            r#"{{"format":"charter-exchange/1","request":{{"method":{method},"url":{url},"headers":[]}},"response":{{"status":{status},"headers":{headers}{body}}},"headersComplete":false}}"#
        ))
    };
    Ok(Arc::new((0..urls.len()).map(exchange).collect::<StringArray>()))
}

/// Header fields as a list of names and values, from an object or a list.
fn fields(headers: Value) -> Value {
    match headers {
        Value::Object(members) => members.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect(),
        list => list,
    }
}

/// The member with the body of a response: JSON as it is, so that the judge sees its bytes, else a text.
fn member(body: &str) -> String {
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok() && !body.contains(['\n', '\r']);
    if is_json { format!(",\"body\":{body}") } else { format!(",\"bodyText\":{}", Value::from(body)) }
}

impl Function {
    /// Judges the documents; `None` for a null.
    fn judge(&self, documents: &StringArray, mut sink: impl FnMut(Option<DocumentVerdict>)) {
        for row in 0..documents.len() {
            if documents.is_null(row) {
                sink(None);
            } else {
                self.judge.judge_documents([documents.value(row).as_bytes()], &mut |verdict| sink(Some(verdict)));
            }
        }
    }

    fn check(&self, documents: &StringArray) -> ArrayRef {
        let mut kept: Vec<Option<bool>> = Vec::with_capacity(documents.len());
        self.judge(documents, |verdict| kept.push(verdict.map(|verdict| verdict.is_kept())));
        Arc::new(BooleanArray::from(kept))
    }

    fn findings(&self, documents: &StringArray) -> ArrayRef {
        let mut lists = ListBuilder::new(StructBuilder::from_fields(parts(), documents.len()));
        self.judge(documents, |verdict| {
            for finding in verdict.iter().flat_map(DocumentVerdict::findings) {
                let row = lists.values();
                for (number, part) in parts_of(finding).into_iter().enumerate() {
                    if let Some(column) = row.field_builder::<StringBuilder>(number) {
                        column.append_option(part);
                    }
                }
                row.append(true);
            }
            lists.append(verdict.is_some());
        });
        Arc::new(lists.finish())
    }
}

/// The parts of a finding, in the order of `PARTS`.
fn parts_of(finding: &Finding) -> [Option<String>; 5] {
    let id = finding.rule.clone().or_else(|| finding.keyword.as_ref().map(|keyword| format!("schema.{keyword}")));
    let operation = finding.operation.clone().or_else(|| finding.subject.clone());
    let severity = format!("{:?}", finding.severity).to_lowercase();
    [id, Some(severity), operation, Some(finding.instance_location.clone()), Some(finding.message.clone())]
}

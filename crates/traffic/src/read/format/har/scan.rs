//! Reads an entry in one pass of the scanner. Entries with a request body, cookies, files or rare forms are left to serde, which also explains errors.

use std::sync::LazyLock;

use charter_json::{Cursor, Fallback, FastPath, KeyTable};

use super::entry::{HarContent, HarEntry, HarHeader, HarRequest, HarResponse};

static ENTRY: LazyLock<KeyTable> = LazyLock::new(|| KeyTable::of_object(["startedDateTime", "time", "request", "response"]));
static REQUEST: LazyLock<KeyTable> = LazyLock::new(|| KeyTable::of_object(["method", "url", "headers", "cookies", "postData", "bodySize"]));
static RESPONSE: LazyLock<KeyTable> = LazyLock::new(|| KeyTable::of_object(["status", "headers", "content", "_error"]));
static CONTENT: LazyLock<KeyTable> = LazyLock::new(|| KeyTable::of_object(["mimeType", "text", "encoding", "_file"]));
static HEADER: LazyLock<KeyTable> = LazyLock::new(|| KeyTable::of_object(["name", "value"]));

/// Reads an entry, with the bytes of the text of its response body, quotes included.
pub(super) fn scan(text: &[u8]) -> FastPath<(HarEntry, Option<std::ops::Range<usize>>)> {
    let mut cursor = Cursor::from_bytes(text)?;
    let (mut started_date_time, mut time, mut request, mut response) = (None, None, None, None);
    let mut body = None;
    cursor.object_of::<Fallback>(&ENTRY, |cursor, key| {
        match key {
            Ok(0) => started_date_time = Some(string(cursor)?),
            Ok(1) => time = Some(cursor.number()?.as_f64()),
            Ok(2) => request = Some(read_request(cursor)?),
            Ok(3) => response = Some(read_response(cursor, &mut body)?),
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    cursor.finish()?;
    let (request, response) = request.zip(response).ok_or(Fallback)?;
    Ok((HarEntry { started_date_time, time, request, response }, body))
}

fn string(cursor: &mut Cursor<'_>) -> FastPath<String> {
    Ok(cursor.string()?.value()?.into_owned())
}

fn read_request(cursor: &mut Cursor<'_>) -> FastPath<HarRequest> {
    let (mut method, mut url, mut headers, mut body_size) = (None, None, Vec::new(), None);
    cursor.object_of::<Fallback>(&REQUEST, |cursor, key| {
        match key {
            Ok(0) => method = Some(string(cursor)?),
            Ok(1) => url = Some(string(cursor)?),
            Ok(2) => headers = read_headers(cursor)?,
            Ok(3) => {
                if cursor.array_of::<Fallback>(|_, _| Err(Fallback))? != 0 {
                    return Err(Fallback);
                }
            }
            Ok(5) => body_size = Some(cursor.number()?.as_f64()),
            Ok(_) => return Err(Fallback),
            Err(_) => cursor.skip()?,
        }
        Ok(())
    })?;
    let (method, url) = method.zip(url).ok_or(Fallback)?;
    Ok(HarRequest { method, url, headers, cookies: serde_json::Value::Null, post_data: None, body_size })
}

fn read_response(cursor: &mut Cursor<'_>, body: &mut Option<std::ops::Range<usize>>) -> FastPath<HarResponse> {
    let (mut status, mut headers, mut content) = (None, Vec::new(), HarContent::default());
    cursor.object_of::<Fallback>(&RESPONSE, |cursor, key| {
        match key {
            Ok(0) => {
                let number = cursor.number()?;
                status = Some(number.as_i64().filter(|_| number.is_integer() && number.written() != b"-0").ok_or(Fallback)?);
            }
            Ok(1) => headers = read_headers(cursor)?,
            Ok(2) => {
                cursor.object_of::<Fallback>(&CONTENT, |cursor, key| {
                    match key {
                        Ok(0) => content.mime_type = Some(string(cursor)?),
                        Ok(1) => {
                            let start = cursor.next_at();
                            content.text = Some(string(cursor)?);
                            *body = Some(start..cursor.at());
                        }
                        Ok(2) => content.encoding = Some(string(cursor)?),
                        Ok(_) => return Err(Fallback),
                        Err(_) => cursor.skip()?,
                    }
                    Ok(())
                })?;
            }
            Ok(_) => return Err(Fallback),
            Err(_) => cursor.skip()?,
        }
        Ok(())
    })?;
    Ok(HarResponse { status: status.ok_or(Fallback)?, headers, content, error: None })
}

fn read_headers(cursor: &mut Cursor<'_>) -> FastPath<Vec<HarHeader>> {
    let mut headers = Vec::new();
    cursor.array_of::<Fallback>(|cursor, _| {
        let (mut name, mut value) = (None, None);
        cursor.object_of::<Fallback>(&HEADER, |cursor, key| {
            match key {
                Ok(0) => name = Some(string(cursor)?),
                Ok(_) => value = Some(string(cursor)?),
                Err(_) => cursor.skip()?,
            }
            Ok(())
        })?;
        let (name, value) = name.zip(value).ok_or(Fallback)?;
        headers.push(HarHeader { name, value });
        Ok(())
    })?;
    Ok(headers)
}

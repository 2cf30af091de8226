//! Secrets next to names in other forms than `name=value`: pairs, errors, arguments, tags, types, and values on other lines than their names. Each place has a long value that looks
//! random, and a short one.

use super::{Case, secret};

/// A short password.
fn short(number: usize) -> String {
    format!("hunt{number:03}er")
}

/// Members of the body, with `§` instead of the secret.
const MEMBERS: [&str; 30] = [
    r#"[["authorization", "§"], ["accept", "*/*"]]"#,
    r#"["accept", "*/*", "x-api-key", "§"]"#,
    r#"[{"value": "§", "name": "token"}]"#,
    r#"[{"Name": "Password", "Value": "§"}]"#,
    r#"[{"k": "password", "v": "§"}]"#,
    r#"[{"name": "note", "value": "ok"}, {"name": "api_key", "value": ["§"]}]"#,
    r#"{"attribute": "token", "value": "§"}"#,
    r#"{"type": "password", "value": "§"}"#,
    r#"[{"id": "password", "type": "text", "value": "§"}]"#,
    r#"{"label": "Password", "value": "§"}"#,
    r#"[{"op": "replace", "path": "/user/password", "value": "§"}]"#,
    r#"[{"loc": ["body", "password"], "msg": "too short", "input": "§"}]"#,
    r#"[{"field": "password", "rejectedValue": "§"}]"#,
    r#"[{"instancePath": "/password", "data": "§"}]"#,
    r#"{"password": {"old": "", "new": "§"}}"#,
    r#"["mysql", "-u", "root", "--password", "§", "-h", "a"]"#,
    r#"["--token=§"]"#,
    r#"["DB_PASSWORD=§"]"#,
    r#"{"pass_phrase": "§"}"#,
    r#""query($password: String = \"§\") { a }""#,
    r#""const token: string = '§';""#,
    r#""db:\n  password:\n    §\n  user: a""#,
    r#""password: |\n  §\nuser: a""#,
    r#""passwords:\n  - §""#,
    r#""secrets:\n  db: §""#,
    r#""- name: DB_PASSWORD\n  value: §""#,
    r#""{name: token, value: §}""#,
    r#""Your API key:\n\n    §\n""#,
    r#""Your password is: §""#,
    r#""machine h login ann password §""#,
];

/// Texts, most of them with tags.
const TEXTS: [&str; 26] = [
    "<r><password >§</ password></r>",
    "<a:token><![CDATA[§]]></a:token>",
    "<a:token>\n  <![CDATA[§]]>\n</a:token>",
    "<db password = '§' />",
    "<db password\n=\n\"§\"/>",
    "<db a:password=\"§\"/>",
    "<property name=\"password\"><value>§</value></property>",
    "<member><name>password</name><value><string>§</string></value></member>",
    "<credentials><user>ann</user><value>§</value></credentials>",
    "<a:Password xmlns:a=\"x\" Type=\"text\"\n>§</a:Password\n>",
    "<login><userName>ann</userName><passWord>§</passWord></login>",
    "<token value=\"§\"/>",
    "<add value = \"§\" key = \"ApiKey\" />",
    "<dict><key>password</key><string>§</string></dict>",
    "<dt>API key</dt><dd>§</dd>",
    "<th>Token:</th>\n<td><code>§</code></td>",
    "<li><b>Password:</b> §</li>",
    "password: >-\n  §",
    "\"password\":\n  \"§\"",
    "curl -s \\\n  -u ann:§ \\\n  https://h",
    "Set-Item -Password §",
    "password \"§\" is wrong",
    "invalid token (§)",
    "password\t§",
    "variables=%7B%22password%22%3A+%22§%22%7D",
    "a?headers[0][name]=Authorization&headers[0][value]=§",
];

/// Paths and queries.
const URLS: [&str; 6] = [
    "/reset-password/§",
    "/invite/§",
    "/magic-link/§",
    "/confirm-email/§",
    "/unsubscribe/§",
    "?query=a&variables=%7B%22password%22%3A+%22§%22%7D",
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut number = 500;
    let mut next = |kind: fn(usize) -> String| {
        number += 1;
        kind(number)
    };
    for kind in [secret as fn(usize) -> String, short] {
        for text in MEMBERS {
            let planted = next(kind);
            let body = format!(r#"{{"id": "o1", "more": {}}}"#, text.replace('§', &planted));
            cases.push(Case::new(format!("member {text}"), &planted).response("application/json", body));
        }
        for text in TEXTS {
            let planted = next(kind);
            cases.push(Case::new(format!("text {text}"), &planted).response("text/html", text.replace('§', &planted)));
        }
        let planted = next(kind);
        let form = format!("name=password&value={planted}&note=ok");
        cases.push(Case::new("pair of a form", &planted).post("application/x-www-form-urlencoded", form));
        for newline in ["\n", "\r\n"] {
            let planted = next(kind);
            let part = [
                "--b",
                "Content-Type: text/plain",
                "content-disposition: form-data; filename=\"a\"; name='token'",
                "",
                &planted,
                "--b--",
                "",
            ];
            cases.push(Case::new("part", &planted).post("multipart/form-data; boundary=b", part.join(newline)));
        }
    }
    for text in URLS {
        let planted = next(secret);
        cases.push(Case::new(format!("URL {text}"), &planted).url(format!("https://api.example/orders/o1{}", text.replace('§', &planted))));
    }
    cases
}

/// Ordinary values in the same places, which stay.
pub(super) const ORDINARY: &str = r#"{"tokens": [{"type": "token", "value": "plus"}, {"id": "session", "data": "2026-07-14"}, {"label": "Password", "value": "required"}],
    "patch": [{"op": "replace", "path": "/weight", "value": "12.50 kg"}], "errors": [{"loc": ["body", "weight"], "input": "abc123def456"}, {"field": "password", "code": "too_short"}],
    "arguments": ["--verbose", "--password-file", "a1b2c3.txt", "--token-type", "bearer12"], "note": "Password:\nIt must have a digit.\nToken:\n- first step\n- second step\n",
    "yaml": "secret:\n  description: of user1234\nkey:\n  - a1b2c3\npassword:\n  type: string1\n", "log": "the password is required; token is missing; reset token to null; key is a1b2c3",
    "html": "<p>Use <password> here.</p><b>v1.2.3-rc.4</b><dt>Version</dt><dd>v1.2.3</dd><token type=\"plus\"/><li><b>Size:</b> a1b2c3d4</li>", "path": "/confirm/your-email-address",
    "links": ["https://h/invite/friends-and-family", "https://h/reset/password", "https://h/?name=color&value=blue1234"], "code": "fn token(kind: Kind, text: &str)",
    "type": "const passwords: Map<string, number> = load()", "image": "logo@2x.png", "csv": "name,value\ncolor,a1b2c3d4"}"#;

//! Everyday uses of generated types from another crate: values are built, matched, compared, converted and printed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use charter_codegen_cases::bodies::{
    GetParcelsIdLabelResponse, InvalidResponse, Parcel, ParcelsListDefaultResponse, ParcelsListResponse, ParcelsListResponseVndParcelsJson,
    ReplacementRequest, SendParcelRequest, SendParcelRequestForm, SendParcelRequestSize, SendParcelResponse, SendParcelResponseBody,
};
use charter_codegen_cases::bounds::RootRatio;
use charter_codegen_cases::construction::{
    Card, Contact, ContactUnchecked, Depot, Empty, Invoice, Line, NewOrder, Order, OrderVote, Page, PageOrder, Payment, Quantity, Settings,
    SettingsTheme, Sku, Status, Zone,
};
use charter_codegen_cases::documented_enums::{Root, RootModel, RootPriority, RootState, RootVoice};
use charter_codegen_cases::parcels::ParcelPrice;
use charter_runtime::{Field, Integer, Nullable, Number, Violation};
use serde_json::json;

fn line(sku: &str) -> Line {
    Line::new(Sku::try_from(sku).expect("a code"), Quantity::try_from(2).expect("a quantity"))
}

/// The case `("construction"` is used in this file.
#[test]
fn a_request_body_is_built_by_its_constructor() {
    let mut order = NewOrder::new("C-1", vec![line("A-1")], Card::new("4242"));
    order.tags = Some(vec!["gift".to_owned()]);
    let wanted = json!({
        "customer": "C-1",
        "lines": [{"sku": "A-1", "quantity": 2}],
        "payment": {"kind": "card", "number": "4242"},
        "tags": ["gift"],
    });
    assert_eq!(serde_json::to_value(&order).expect("JSON"), wanted);
}

#[test]
fn a_request_body_is_built_by_a_struct_expression() {
    let order = NewOrder { coupon: "x".into(), ..NewOrder::new("C-1", vec![line("A-1")], Card::new("4242")) };
    assert_eq!(order.coupon.value().map(String::as_str), Some("x"));
    let line = Line {
        sku: Sku::try_from("A-1").expect("a code"),
        quantity: 2_usize.try_into().expect("a quantity"),
        note: None,
        additional: Default::default(),
    };
    assert_eq!(order.lines, [line]);
    let settings = Settings { size: Some(3.into()), ..Default::default() };
    assert_eq!(serde_json::to_value(settings).expect("JSON"), json!({"size": 3}));
}

#[test]
fn doubles_are_numbers_and_numbers_are_doubles() {
    let numbers: Vec<Number> = vec![0.5.try_into().expect("a number"), 2.into(), 0.25_f32.try_into().expect("a number")];
    let sum: f64 = numbers.iter().copied().map(f64::from).sum();
    assert!((sum - 2.75).abs() < f64::EPSILON);
    assert_eq!(serde_json::to_string(&numbers).expect("JSON"), "[0.5,2,0.25]");
}

#[test]
fn a_double_that_is_not_a_number_in_json_is_refused_when_a_value_is_made() {
    for (double, text) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf")] {
        let wanted = format!("type: found {text}, expected number");
        let check = |error: Violation| assert!(error.to_string().contains(&wanted), "{error}");
        check(Number::try_from(double).expect_err("not a number in JSON"));
        check(Number::try_from(double as f32).expect_err("not a number in JSON"));
        check(Nullable::<Number>::try_from(double).expect_err("not a number in JSON"));
        check(Field::<Number>::try_from(double).expect_err("not a number in JSON"));
        check(ParcelPrice::new(double).expect_err("not a number in JSON"));
        check(ParcelPrice::try_from(double).expect_err("not a number in JSON"));
        RootRatio::new(double).expect_err("outside of both bounds");
        assert!(text.parse::<Number>().is_err());
    }
}

#[test]
fn a_request_body_is_built_by_its_builder() -> Result<(), charter_runtime::BuildError> {
    let order = NewOrder::builder()
        .customer("C-1")
        .lines([Line::builder().sku("A-1").quantity(2).note(Some("red")).build()?])
        .payment(Invoice::builder().days(14).build()?)
        .coupon(Nullable::Null)
        .tags(["gift", "blue"])
        .build(true)
        .additional([("source".to_owned(), "web".into())])
        .build_()?;
    let wanted = json!({
        "customer": "C-1",
        "lines": [{"sku": "A-1", "quantity": 2, "note": "red"}],
        "payment": {"kind": "invoice", "days": 14},
        "coupon": null,
        "tags": ["gift", "blue"],
        "build": true,
        "source": "web",
    });
    assert_eq!(serde_json::to_value(&order).expect("JSON"), wanted);
    let without = NewOrder::builder().customer("C-1").lines(Vec::<Line>::new()).payment(Card::new("1")).coupon(None::<String>).build_()?;
    assert_eq!(serde_json::to_value(&without).expect("JSON").get("coupon"), None);
    Ok(())
}

#[test]
fn errors_of_builders_have_a_location() {
    let missing = NewOrder::builder().customer("C-1").build_().expect_err("no lines");
    assert_eq!((missing.pointer(), missing.to_string().as_str()), ("/lines", r#"at "/lines": required: the property has no value"#));
    let invalid = Line::builder().sku("").quantity(2).build().expect_err("an empty code");
    assert_eq!(invalid.to_string(), r#"at "/sku": minLength: found "", expected at least 1 characters"#);
    let invalid = Line::builder().sku("A-1").quantity(101).build().expect_err("too many");
    assert_eq!(invalid.to_string(), r#"at "/quantity": maximum: found 101, expected at most 100"#);
    let invalid = Contact::builder().build().expect_err("no property");
    assert!(invalid.to_string().starts_with(r#"at "": minProperties: "#), "{invalid}");
}

#[test]
fn an_object_with_checks_is_built_and_read_as_the_object() -> Result<(), charter_runtime::BuildError> {
    let contact: Contact = Contact::builder().mail("a@example.org").build()?;
    assert_eq!(contact.mail.as_deref(), Some("a@example.org"));
    let unchecked: ContactUnchecked = contact.into();
    assert_eq!(unchecked.phone, None);
    Ok(())
}

#[test]
fn defaults_of_the_contract_are_values() {
    assert_eq!(Settings::default(), Settings::new());
    assert_eq!(serde_json::to_value(Settings::default()).expect("JSON"), json!({}));
    assert_eq!(Settings::default().size_or_default(), 12);
    assert_eq!(Settings::default().theme_or_default(), SettingsTheme::Light);
    assert_eq!(Settings::default_size(), 12);
    assert_eq!((Status::default(), SettingsTheme::default()), (Status::Open, SettingsTheme::Light));
    assert_eq!(serde_json::to_value(Page::default()).expect("JSON"), json!({"size": 50, "order": "up"}));
    assert_eq!(Page::default_order(), PageOrder::Up);
    assert_eq!(serde_json::to_value(Invoice::default()).expect("JSON"), json!({"kind": "invoice"}));
    assert_eq!(Invoice::new().days_or_default(), 30);
    assert_eq!(Empty::new(), Empty::default());
    assert_eq!(Order::default_nick(), Nullable::Null);
}

fn order() -> Order {
    let text = r#"{"id":7,"status":"paid","lines":[{"sku":"A-1","quantity":2},{"sku":"B","quantity":1}],"total":9.5,"cancelled":null}"#;
    serde_json::from_str(text).expect("an order")
}

#[test]
fn enumerations_are_matched_compared_and_listed() {
    let order = order();
    let word = match order.status {
        Status::Open => "open",
        Status::Paid | Status::Shipped => "done",
    };
    assert_eq!(word, "done");
    assert_eq!(order.status, "paid");
    assert_eq!(order.status.to_string(), order.status.as_str());
    assert_eq!("shipped".parse::<Status>().expect("a status"), Status::Shipped);
    assert!("lost".parse::<Status>().is_err());
    assert_eq!(Status::ALL.iter().copied().collect::<HashSet<Status>>().len(), 3);
    assert_eq!(format!("{:>6}|", order.status), "  paid|");
}

#[test]
fn numbers_are_compared_converted_and_printed() {
    let order = order();
    assert_eq!(order.id, 7);
    assert!(order.id > 3_u64 && order.id < 8_i64 && 7_usize == order.id);
    assert_eq!(order.id.as_u64(), Some(7));
    assert_eq!(u32::try_from(order.id).expect("a small number"), 7);
    assert_eq!(format!("{}/{:03}", order.id, order.id), "7/007");
    assert!(order.total > 9.0 && order.total < 10);
    assert_eq!(order.total.to_string(), "9.5");
    let ids: BTreeSet<Integer> = [3.into(), 1_u64.into(), Integer::default(), "12".parse().expect("a number")].into();
    assert_eq!(ids.iter().map(ToString::to_string).collect::<Vec<_>>(), ["0", "1", "3", "12"]);
    assert_eq!([Number::from(1_u8), 1.0.try_into().expect("a number")].into_iter().collect::<HashSet<_>>().len(), 1);
    let total: i64 = order.lines.iter().map(|line| line.quantity.get()).sum();
    assert_eq!(total, 3);
    assert_eq!(order.lines[0].quantity, 2);
    assert_eq!(i64::from(order.lines[0].quantity), 2);
}

#[test]
fn texts_are_converted_to_newtypes_and_back() -> Result<(), Violation> {
    let sku: Sku = "A-1".parse()?;
    assert_eq!(sku, Sku::try_from("A-1".to_owned())?);
    assert_eq!(sku, "A-1");
    assert_eq!((sku.len(), sku.as_ref() as &str, &*sku), (3, "A-1", "A-1"));
    assert_eq!(format!("{sku}"), "A-1");
    let prices = BTreeMap::from([(sku.clone(), 5)]);
    assert_eq!(prices.get("A-1"), Some(&5));
    assert_eq!(String::from(sku), "A-1");
    let refused = Sku::try_from("").expect_err("too short");
    assert_eq!((refused.keyword(), refused.expected(), refused.found()), ("minLength", "at least 1 characters", "\"\""));
    Ok(())
}

#[test]
fn lists_and_optional_properties_are_read() {
    let order = order();
    let codes: Vec<&str> = order.lines.iter().map(|line| line.sku.as_str()).collect();
    assert_eq!(codes, ["A-1", "B"]);
    for line in &order.lines {
        assert_eq!(line.note.as_deref().unwrap_or("none"), "none");
    }
    assert_eq!(order.limit, None);
    assert_eq!(order.limit_or_default(), 10);
    assert!(order.cancelled.is_null());
    assert_eq!(order.nick.value(), None);
}

#[test]
fn unions_are_made_from_their_branches_and_matched() {
    let payment: Payment = Card::new("4242").into();
    let number = match &payment {
        Payment::Card(card) => card.number.as_str(),
        Payment::Invoice(_) => "none",
    };
    assert_eq!(number, "4242");
}

#[test]
fn components_keep_their_names_and_symbols_are_spelled() {
    let mut order = order();
    order.article = Some(Sku::try_from("A-1").expect("a code"));
    order.zone = Some(Zone::new("north"));
    order.depot = Some(Depot::new("north"));
    order.vote = Some(OrderVote::Plus1);
    assert_eq!([OrderVote::Plus1, OrderVote::Minus1, OrderVote::Star], OrderVote::ALL);
}

/// The case `("bodies"` is used in this file. A component has its name, and the body of an operation has another one.
#[test]
fn inline_bodies_are_named_after_their_operation() -> Result<(), charter_runtime::BuildError> {
    let request = SendParcelRequest::builder().to("north").size("small").build()?;
    assert_eq!(request.size, Some(SendParcelRequestSize::Small));
    assert_eq!(serde_json::to_value(&request).expect("JSON"), json!({"to": "north", "size": "small"}));
    let parcels: ParcelsListResponse = serde_json::from_value(json!([{"id": "P-1"}])).expect("parcels");
    let response = SendParcelResponseBody::new(parcels[0].clone());
    assert_eq!(response.parcel, Parcel::new("P-1"));
    assert_eq!(SendParcelResponse::new().note, None);
    assert_eq!(InvalidResponse::new(7).code, 7);
    assert_eq!(ParcelsListDefaultResponse::new("lost").message, "lost");
    assert_eq!(GetParcelsIdLabelResponse::new("north").text, "north");
    assert_eq!(ReplacementRequest::new("south").to, "south");
    assert_eq!(SendParcelRequestForm::new("south").to, "south");
    assert_eq!(ParcelsListResponseVndParcelsJson::new().total, None);
    Ok(())
}

#[test]
fn documented_constants_are_one_enumeration() {
    let state = |state: RootState| match state {
        RootState::Sent => "way",
        RootState::Lost => "lost",
        RootState::Back | RootState::Kept => "here",
    };
    assert_eq!("lost".parse::<RootState>().map(state), Ok("lost"));
    assert_eq!((RootState::default(), RootState::ALL.len(), RootState::Back.as_str()), (RootState::Sent, 4, "back"));
    assert_eq!(RootState::Kept.to_string(), "kept");
    let refused = "gone".parse::<RootState>().expect_err("not a state");
    assert_eq!(refused.to_string(), r#"oneOf: found "gone", expected one of "sent", "lost", "back", "kept""#);
    assert_eq!(RootPriority::ALL, [RootPriority::Low, RootPriority::High]);
    assert_eq!(RootPriority::try_from(2).expect("a listed number"), RootPriority::High);
    assert!(RootPriority::try_from("2").is_err(), "a text is not a number");
    assert_eq!(RootPriority::High.to_string(), "2");
    let quantity = Quantity::try_from(2).expect("a quantity");
    assert_eq!((quantity.checked_add(1), *quantity), (Some(3), 2));
}

#[test]
fn an_open_enumeration_reads_listed_values_as_listed() {
    let root: Root = serde_json::from_value(json!({"model": "small", "voice": "tenor"})).expect("valid");
    let word = match root.model {
        Some(RootModel::Small | RootModel::Large) => "listed",
        Some(RootModel::Other | RootModel::Other2(_)) | None => "other",
    };
    assert_eq!(word, "listed");
    let voice = root.voice.value().expect("a voice");
    assert!(matches!(voice, RootVoice::Other(text) if text.as_str() == "tenor"));
    assert_eq!(RootVoice::from("alto"), RootVoice::Alto);
    let all: HashSet<RootVoice> = ["alto", "tenor", "alto"].into_iter().map(RootVoice::from).collect();
    assert_eq!(all.len(), 2);
    let root = Root::builder().model("tiny").voice("bass").state("lost").build().expect("valid");
    assert_eq!(serde_json::to_value(&root).expect("JSON"), json!({"model": "tiny", "voice": "bass", "state": "lost"}));
}

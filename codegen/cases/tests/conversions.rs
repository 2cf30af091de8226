//! Values of generated types from what a program has: literals, lists, arrays, maps, tuples, and the values of branches of unions.

use std::collections::{BTreeMap, HashMap};

use charter_codegen_cases::conversions::{
    ByKeys, ByPoints, Condition, Discount, DiscountString, Filter, Key, Lease, LeaseBy, Match, Matrix, OwnerPart0, Point, Query, Sort,
    Sparse, Tree, TreeUnchecked, Upsert, UpsertUnchecked, Vector,
};
use charter_runtime::{BuildError, Value, Violation};
use serde::Serialize;
use serde_json::json;

fn check(value: &impl Serialize, wanted: serde_json::Value) {
    assert_eq!(serde_json::to_value(value).expect("JSON"), wanted);
}

fn point() -> Result<Point, BuildError> {
    Point::builder().key(7_u64).vector([0.5, 1.0]).build()
}

/// The case `("conversions"` is used in this file.
#[test]
fn a_list_converts_to_a_union_with_a_list() -> Result<(), Violation> {
    check(&Vector::try_from([0.5, 1.0])?, json!([0.5, 1.0]));
    check(&Vector::try_from(vec![0.5_f32, 1.0])?, json!([0.5, 1.0]));
    check(&Vector::from([1, 2]), json!([1, 2]));
    check(&Vector::from(Sparse::new(vec![3], vec![1.into()])), json!({"indices": [3], "values": [1]}));
    let error = Vector::try_from([f64::NAN]).expect_err("not a number in JSON");
    assert!(error.to_string().contains("NaN"), "{error}");
    Ok(())
}

#[test]
fn what_converts_to_a_branch_converts_to_the_union() -> Result<(), BuildError> {
    check(&Query::new("text"), json!({"query": "text"}));
    check(&Query::new(5_u64), json!({"query": 5}));
    check(&Query::new(Sparse::new(Vec::new(), Vec::new())), json!({"query": {"indices": [], "values": []}}));
    check(&Query::builder().query([0.5]).fields(["a", "b"]).build()?, json!({"query": [0.5], "fields": ["a", "b"]}));
    check(&Query::builder().query("q").fields(true).discount(0.5).build()?, json!({"query": "q", "fields": true, "discount": 0.5}));
    check(&Query::builder().query("q").discount("staff").build()?, json!({"query": "q", "discount": "staff"}));
    assert_eq!(Discount::from(DiscountString::Staff), Discount::try_from("staff").expect("a listed text"));
    let error = Query::builder().query("q").discount("stranger").build().expect_err("not a listed text");
    assert_eq!(error.pointer(), "/discount");
    assert!(error.to_string().contains("\"staff\", \"friend\""), "{error}");
    Ok(())
}

#[test]
fn literals_convert_to_a_union_with_numbers() {
    check(&Match::builder().field("a").value(5).build().expect("a match"), json!({"field": "a", "value": 5}));
    check(&Match::builder().field("a").value(true).build().expect("a match"), json!({"field": "a", "value": true}));
    check(&Key::from(5), json!(5));
}

#[test]
fn a_boxed_union_takes_what_the_union_takes() -> Result<(), BuildError> {
    let wanted = json!({"must": {"field": "a"}});
    check(&Filter::builder().must(Match::new("a")).build()?, wanted.clone());
    check(&Filter::builder().must(Condition::from(Match::new("a"))).build()?, wanted);
    let wanted = json!({"must": [{"field": "a"}, {"field": "b"}]});
    check(&Filter::builder().must([Match::new("a"), Match::new("b")]).build()?, wanted.clone());
    check(&Filter::builder().must(vec![Condition::from(Match::new("a")), Match::new("b").into()]).build()?, wanted);
    Ok(())
}

#[test]
fn a_checked_union_takes_its_branches() -> Result<(), Box<dyn std::error::Error>> {
    let upsert: Upsert = ByPoints::new(vec![point()?]).try_into()?;
    assert!(matches!(&*upsert, UpsertUnchecked::ByPoints(by) if by.points.len() == 1));
    let query = Query::builder().query("q").write(ByKeys::builder().keys([1_u64, 2]).build()?).build()?;
    check(&query, json!({"query": "q", "write": {"keys": [1, 2]}}));
    let both = ByKeys::builder().keys([1_u64]).additional([("points".to_owned(), Value::from(json!([])))]).build()?;
    Upsert::try_from(both).expect_err("both branches accept it");
    Ok(())
}

#[test]
fn a_boxed_checked_union_is_used_without_its_box() -> Result<(), Box<dyn std::error::Error>> {
    let leaf: Tree = serde_json::from_value(json!({"leaf": "a"}))?;
    let TreeUnchecked::WithLeaf(with_leaf) = leaf.clone().into_inner() else { panic!("a leaf") };
    assert_eq!(leaf, Tree::new(with_leaf.clone())?);
    assert_eq!(leaf, with_leaf.try_into()?);
    assert!(matches!(&*leaf, TreeUnchecked::WithLeaf(with_leaf) if with_leaf.leaf == "a"));
    Ok(())
}

#[test]
fn a_builder_converts_maps_tuples_and_lists_of_lists() -> Result<(), BuildError> {
    let wanted = json!({"key": 7, "vector": [0.5, 1.0], "payload": {"a": "b"}});
    let built = |payload: &Point| check(payload, wanted.clone());
    let builder = || Point::builder().key(7_u64).vector([0.5, 1.0]);
    built(&builder().payload([("a", "b")]).build()?);
    built(&builder().payload(HashMap::from([("a".to_owned(), "b")])).build()?);
    built(&builder().payload(BTreeMap::from([("a", json!("b"))])).build()?);
    built(&builder().payload(Some([("a", "b")])).build()?);
    built(&builder().payload(builder().payload([("a", "b")]).build()?.payload).build()?);
    let all = Point::builder()
        .key("k")
        .vector([1, 2])
        .labels([("a", Some("x")), ("b", None)])
        .span((1, 2.5))
        .grid([[1, 2], [3, 4]])
        .tags(["red", "blue"])
        .names([("en", "point")])
        .rank(1)
        .weight(1.5)
        .build()?;
    let wanted = json!({
        "key": "k", "vector": [1, 2], "labels": {"a": "x", "b": null}, "span": [1, 2.5], "grid": [[1, 2], [3, 4]], "tags": ["red", "blue"],
        "names": {"en": "point"}, "rank": 1, "weight": 1.5,
    });
    check(&all, wanted.clone());
    check(&Point::builder().key("k").vector([1, 2]).span([0.5, 1.5]).tags(Some(vec!["a"])).build()?.tags, json!(["a"]));
    // Values of the types of the properties remain arguments.
    let again = Point::builder().key(all.key.clone()).vector(all.vector.clone()).labels(all.labels.clone()).span(all.span);
    let again = again.grid(all.grid.clone()).tags(all.tags.clone()).names(all.names.clone()).rank(all.rank).weight(all.weight);
    check(&again.build()?, wanted);
    Ok(())
}

#[test]
fn a_converted_part_is_checked() {
    let error = Point::builder().key("k").vector([1]).tags(["red", "red"]).build().expect_err("an item twice");
    assert_eq!(error.pointer(), "/tags");
    let error = Point::builder().key("k").vector([1]).names(HashMap::<String, String>::new()).build().expect_err("no entry");
    assert_eq!(error.pointer(), "/names");
    let error = Point::builder().key("k").vector([1]).grid([[f64::INFINITY]]).build().expect_err("not a number in JSON");
    assert_eq!(error.pointer(), "/grid");
}

#[test]
fn a_checked_number_is_compared_with_a_literal() -> Result<(), BuildError> {
    let point = Point::builder().key("k").vector([1]).rank(3).weight(1.5).build()?;
    let (rank, weight) = (point.rank.expect("a rank"), point.weight.expect("a weight"));
    assert!(rank == 3 && rank > 2 && weight == 1.5 && weight < 2);
    Ok(())
}

#[test]
fn variants_are_named_after_their_items_and_signs() -> Result<(), Violation> {
    assert!(matches!(Matrix::try_from([0.5])?, Matrix::ArrayOfNumber(_)));
    assert!(matches!(Matrix::try_from([vec![0.5]])?, Matrix::ArrayOfArrayOfNumber(_)));
    assert!(matches!(Matrix::from([Sparse::new(Vec::new(), Vec::new())]), Matrix::ArrayOfSparse(_)));
    assert_eq!(Sort::ALL, [Sort::Created, Sort::MinusCreated, Sort::PlusCreated, Sort::Other]);
    Ok(())
}

#[test]
fn a_part_of_a_definition_is_named_after_the_definition() -> Result<(), BuildError> {
    let lease = Lease::builder().owner(OwnerPart0::new("a")).by(OwnerPart0::new("b")).build()?;
    assert!(matches!(&lease.by, Some(LeaseBy::OwnerPart0(owner)) if owner.id == "b"));
    check(&lease, json!({"owner": {"id": "a"}, "by": {"id": "b"}}));
    Ok(())
}

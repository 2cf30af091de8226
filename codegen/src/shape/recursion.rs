//! Types that contain themselves: every edge inside a circle of direct containment is boxed. Lists and maps break a circle.

use std::collections::BTreeSet;

use super::{Shape, Shapes, TypeId, TypeKind};

/// Boxes what would have no size.
pub(super) fn box_cycles(shapes: &mut Shapes) {
    let edges: Vec<BTreeSet<TypeId>> = shapes.types.iter().map(|type_| contained(&type_.kind)).collect();
    let reaches = |from: TypeId, to: TypeId| {
        let (mut open, mut seen) = (vec![from], BTreeSet::new());
        while let Some(id) = open.pop() {
            if id == to {
                return true;
            }
            if seen.insert(id) {
                open.extend(&edges[id.0]);
            }
        }
        false
    };
    for (index, type_) in shapes.types.iter_mut().enumerate() {
        each_use(&mut type_.kind, &mut |shape| {
            each_direct(shape, &mut |shape| {
                if let Shape::Named(target) = *shape
                    && reaches(target, TypeId(index))
                {
                    *shape = Shape::Boxed(target);
                }
            });
        });
    }
}

fn contained(kind: &TypeKind) -> BTreeSet<TypeId> {
    let mut found = BTreeSet::new();
    each_use(&mut kind.clone(), &mut |shape| {
        each_direct(shape, &mut |shape| {
            if let Shape::Named(id) = shape {
                found.insert(*id);
            }
        });
    });
    found
}

/// A shape, or the items that a tuple holds without a detour.
fn each_direct(shape: &mut Shape, visit: &mut impl FnMut(&mut Shape)) {
    match shape {
        Shape::Tuple { items, .. } => items.iter_mut().for_each(|item| each_direct(&mut item.shape, visit)),
        shape => visit(shape),
    }
}

/// Every shape that stands in a type directly.
pub(super) fn each_use(kind: &mut TypeKind, visit: &mut impl FnMut(&mut Shape)) {
    match kind {
        TypeKind::Struct { properties, patterns, additional } => {
            for property in properties {
                visit(&mut property.use_.shape);
            }
            for other in patterns.iter_mut().map(|pattern| &mut pattern.use_).chain(additional) {
                // Other keys stand in a map, which breaks a circle; the visitor sees the map's values as a list.
                let mut map = Shape::Map(Box::new(other.clone()));
                visit(&mut map);
                if let Shape::Map(value) = map {
                    *other = *value;
                }
            }
        }
        TypeKind::Union { branches, .. } => branches.iter_mut().for_each(|branch| visit(&mut branch.shape)),
        TypeKind::Constrained { inner, .. } => visit(inner),
        TypeKind::Enumeration { .. } | TypeKind::Values { .. } => {}
    }
}

/// Every type that a shape names, however deep.
pub(super) fn each_type(shape: &mut Shape, visit: &impl Fn(&mut TypeId)) {
    match shape {
        Shape::Named(id) | Shape::Boxed(id) => visit(id),
        Shape::List(inner) | Shape::Map(inner) => each_type(&mut inner.shape, visit),
        Shape::Tuple { items, rest, .. } => {
            items.iter_mut().for_each(|item| each_type(&mut item.shape, visit));
            if let Some(rest) = rest {
                each_type(&mut rest.shape, visit);
            }
        }
        _ => {}
    }
}

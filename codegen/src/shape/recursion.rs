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
            if let Shape::Named(target) = *shape
                && reaches(target, TypeId(index))
            {
                *shape = Shape::Boxed(target);
            }
        });
    }
}

fn contained(kind: &TypeKind) -> BTreeSet<TypeId> {
    let mut found = BTreeSet::new();
    each_use(&mut kind.clone(), &mut |shape| {
        if let Shape::Named(id) = shape {
            found.insert(*id);
        }
    });
    found
}

/// Every shape that stands in a type directly.
pub(super) fn each_use(kind: &mut TypeKind, visit: &mut impl FnMut(&mut Shape)) {
    match kind {
        TypeKind::Struct { properties, additional } => {
            for property in properties {
                visit(&mut property.use_.shape);
            }
            if let Some(additional) = additional {
                // Additional keys stand in a map, which breaks a circle; the visitor sees the map's values as a list.
                let mut map = Shape::Map(Box::new(additional.clone()));
                visit(&mut map);
                if let Shape::Map(value) = map {
                    *additional = *value;
                }
            }
        }
        TypeKind::Union { branches, .. } => branches.iter_mut().for_each(|branch| visit(&mut branch.shape)),
        TypeKind::Constrained { inner, .. } => visit(inner),
        TypeKind::Enumeration { .. } => {}
    }
}

/// Every type that a shape names, however deep.
pub(super) fn each_type(shape: &mut Shape, visit: &impl Fn(&mut TypeId)) {
    match shape {
        Shape::Named(id) | Shape::Boxed(id) => visit(id),
        Shape::List(inner) | Shape::Map(inner) => each_type(&mut inner.shape, visit),
        _ => {}
    }
}

//! Types that contain themselves: every edge of a cycle of direct containment is boxed. Lists and maps break a cycle.

use std::collections::BTreeSet;

use super::{Shape, Shapes, TypeId, TypeKind};

/// The size in bytes beyond which a type is boxed inside of other types: nested large types exhaust the stack while they are read.
const LARGE: usize = 1024;

/// Boxes large types inside of other types.
pub(super) fn box_large(shapes: &mut Shapes) {
    let mut sizes: Vec<Option<usize>> = vec![None; shapes.types.len()];
    for index in 0..shapes.types.len() {
        settle(shapes, index, &mut sizes);
    }
}

/// Computes the size of a type, and boxes its large parts. Cycles are boxed already.
fn settle(shapes: &mut Shapes, index: usize, sizes: &mut Vec<Option<usize>>) -> usize {
    if let Some(size) = sizes[index] {
        return size;
    }
    let mut kind = shapes.types[index].kind.clone();
    let mut total: usize = 0;
    let is_union = matches!(kind, TypeKind::Union { .. });
    each_use(&mut kind, &mut |shape| {
        let mut size = 0;
        each_direct(shape, &mut |shape| {
            if let Shape::Named(target) = *shape
                && settle(shapes, target.0, sizes) > LARGE
            {
                *shape = Shape::Boxed(target);
            }
            size += match shape {
                Shape::Named(target) => sizes[target.0].unwrap_or_default() + 8,
                Shape::Any | Shape::Map(_) => 80,
                Shape::List(_) | Shape::String => 32,
                _ => 16,
            };
        });
        total = if is_union { total.max(size) } else { total + size };
    });
    shapes.types[index].kind = kind;
    let total = total.max(1);
    sizes[index] = Some(total);
    total
}

/// Boxes the types that would have no finite size.
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

/// A shape, or the items that a tuple contains directly.
fn each_direct(shape: &mut Shape, visit: &mut impl FnMut(&mut Shape)) {
    match shape {
        Shape::Tuple { items, .. } => items.iter_mut().for_each(|item| each_direct(&mut item.shape, visit)),
        shape => visit(shape),
    }
}

/// Every shape that a type contains directly.
pub(super) fn each_use(kind: &mut TypeKind, visit: &mut impl FnMut(&mut Shape)) {
    match kind {
        TypeKind::Struct { properties, patterns, additional } => {
            for property in properties {
                visit(&mut property.use_.shape);
            }
            for other in patterns.iter_mut().map(|pattern| &mut pattern.use_).chain(additional) {
                // Other keys are in a map, which breaks a cycle; the visitor gets the values of the map as a list.
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

/// Every type that a shape names, at any depth.
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

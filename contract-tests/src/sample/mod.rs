//! A seeded generator of valid runs.

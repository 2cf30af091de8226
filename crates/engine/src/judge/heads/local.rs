//! What one thread remembers of what all threads share: threads that read common memory wait for each other.

use std::collections::HashMap;
use std::sync::Arc;

use super::signature::KnownVerdicts;

/// Values by key, as the common table has them.
#[derive(Debug)]
pub(super) struct LocalTable<T> {
    indexes: HashMap<Box<[u8]>, usize, foldhash::fast::RandomState>,
    values: Vec<Arc<T>>,
}

/// The verdicts by signature.
pub(super) type LocalVerdicts = LocalTable<KnownVerdicts>;

impl<T> Default for LocalTable<T> {
    fn default() -> Self {
        Self { indexes: HashMap::default(), values: Vec::new() }
    }
}

impl<T> LocalTable<T> {
    /// The value of a key. `shared` looks it up in the common table if it is not remembered.
    pub(super) fn get<E>(&mut self, key: &[u8], shared: impl FnOnce() -> Result<Arc<T>, E>) -> Result<&Arc<T>, E> {
        let index = match self.indexes.get(key) {
            Some(index) => *index,
            None => {
                self.values.push(shared()?);
                self.indexes.insert(key.into(), self.values.len() - 1);
                self.values.len() - 1
            }
        };
        Ok(&self.values[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_looked_up_once() {
        let mut table = LocalTable::default();
        assert_eq!(table.get(b"a", || Err("none")), Err("none"));
        assert_eq!(table.get::<()>(b"a", || Ok(Arc::new(1))), Ok(&Arc::new(1)));
        assert_eq!(table.get(b"b", || Err("none")), Err("none"));
        assert_eq!(table.get::<()>(b"b", || Ok(Arc::new(2))), Ok(&Arc::new(2)));
        assert_eq!(table.get(b"a", || Err("looked up again")), Ok(&Arc::new(1)));
    }
}

//! Ordered parallel map. Each worker fetches its own item from the source, for cache locality. The caller is one of the workers, and it
//! receives the results in the order of the source.
//!
//! The weight of items in flight is bounded. A panic is resumed in the caller, in the order of the source.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder};

/// Items that may be in flight regardless of their weight: for each of two threads, one in work and one finished.
const MIN_IN_FLIGHT: usize = 4;

/// Returns the next item with its weight.
type Next<'n, J> = &'n mut (dyn FnMut() -> Option<(usize, J)> + Send);

/// Calls `work` on every item of `next` on `threads` threads, and `take` on the results in order. If `take` breaks, items already fetched
/// are still processed and returned. Items in flight weigh about `room` together; at least four are allowed.
pub(crate) fn ordered_parallel_map<J, R: Send>(
    threads: usize,
    room: usize,
    next: Next<'_, J>,
    work: &(dyn Fn(J) -> R + Sync),
    take: &mut dyn FnMut(R) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let state = State { next: Some(next), is_closed: false, in_flight: VecDeque::new(), taken: 0, weight: 0, room, sleeping: 0 };
    let pipeline = Pipeline { state: Mutex::new(state), changed: Condvar::new(), work };
    thread::scope(|scope| {
        // Stop the workers on every exit, including panics.
        let _stop = StopOnDrop(&pipeline);
        for _ in 1..threads {
            if Builder::new().spawn_scoped(scope, || pipeline.run_worker()).is_err() {
                // Fewer threads only cost throughput.
                break;
            }
        }
        pipeline.run_caller(take)
    })
}

struct Pipeline<'r, J, R> {
    state: Mutex<State<'r, J, R>>,
    changed: Condvar,
    work: &'r (dyn Fn(J) -> R + Sync),
}

struct State<'n, J, R> {
    /// The source; `None` while a worker uses it.
    next: Option<Next<'n, J>>,
    /// The source is exhausted or closed.
    is_closed: bool,
    /// Items in flight in order: weight, and result once there is one.
    in_flight: VecDeque<(usize, Option<thread::Result<R>>)>,
    /// Number of items before these.
    taken: usize,
    weight: usize,
    room: usize,
    /// Number of waiting threads.
    sleeping: usize,
}

impl<J, R> State<'_, J, R> {
    fn may_fetch(&self) -> bool {
        !self.is_closed && self.next.is_some() && (self.weight < self.room || self.in_flight.len() < MIN_IN_FLIGHT)
    }

    fn is_ready(&self) -> bool {
        self.in_flight.front().is_some_and(|(_, result)| result.is_some())
    }

    fn is_done(&self) -> bool {
        self.is_closed && self.next.is_some() && self.in_flight.is_empty()
    }
}

impl<'r, J, R: Send> Pipeline<'r, J, R> {
    /// Takes finished results and works between them.
    fn run_caller(&self, take: &mut dyn FnMut(R) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        loop {
            let mut state = self.wait_until(|state| state.is_ready() || state.may_fetch() || state.is_done());
            if state.is_done() {
                return flow;
            }
            if !state.is_ready() {
                self.work_on_next(state);
                continue;
            }
            let (weight, result) = state.in_flight.pop_front().unwrap_or_default();
            state.taken += 1;
            state.weight -= weight;
            self.unlock_and_notify(state);
            if let Some(result) = result
                && take(result.unwrap_or_else(|panic| resume_unwind(panic))).is_break()
            {
                flow = ControlFlow::Break(());
                self.stop();
            }
        }
    }

    fn run_worker(&self) {
        loop {
            let state = self.wait_until(|state| state.is_closed || state.may_fetch());
            if state.is_closed {
                return;
            }
            self.work_on_next(state);
        }
    }

    /// Works on the next item. Other threads may use the source meanwhile.
    fn work_on_next(&self, mut state: MutexGuard<'_, State<'r, J, R>>) {
        let Some(next) = state.next.take() else { return };
        drop(state);
        let item = catch_unwind(AssertUnwindSafe(&mut *next));
        let mut state = self.lock();
        state.next = Some(next);
        let number = state.taken + state.in_flight.len();
        match item {
            Ok(Some((weight, item))) => {
                state.weight += weight;
                state.in_flight.push_back((weight, None));
                self.unlock_and_notify(state);
                let result = catch_unwind(AssertUnwindSafe(|| (self.work)(item)));
                state = self.lock();
                let at = number - state.taken;
                if let Some(place) = state.in_flight.get_mut(at) {
                    place.1 = Some(result);
                }
            }
            Ok(None) => state.is_closed = true,
            Err(panic) => {
                state.is_closed = true;
                state.in_flight.push_back((0, Some(Err(panic))));
            }
        }
        self.unlock_and_notify(state);
    }

    fn stop(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        self.unlock_and_notify(state);
    }

    fn lock(&self) -> MutexGuard<'_, State<'r, J, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until(&self, condition: impl Fn(&State<'r, J, R>) -> bool) -> MutexGuard<'_, State<'r, J, R>> {
        let mut state = self.lock();
        while !condition(&state) {
            state.sleeping += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.sleeping -= 1;
        }
        state
    }

    fn unlock_and_notify(&self, state: MutexGuard<'_, State<'r, J, R>>) {
        let sleeping = state.sleeping;
        drop(state);
        if sleeping > 0 {
            self.changed.notify_all();
        }
    }
}

/// Stops the workers when the caller leaves, also by a panic.
struct StopOnDrop<'o, 'r, J, R: Send>(&'o Pipeline<'r, J, R>);

impl<J, R: Send> Drop for StopOnDrop<'_, '_, J, R> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;
    use std::sync::{Arc, Barrier};
    use std::time::Duration;

    use super::*;

    /// Runs a test with a timeout against deadlocks.
    fn with_timeout<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> thread::Result<T> {
        let (sender, receiver) = channel();
        thread::spawn(move || sender.send(catch_unwind(AssertUnwindSafe(test))));
        receiver.recv_timeout(Duration::from_secs(60)).expect("the test deadlocks")
    }

    /// Sleeps some microseconds, a different number for each item.
    fn pause(number: usize) {
        thread::sleep(Duration::from_micros((number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55));
    }

    /// A source of numbers of equal weight.
    fn numbers(count: usize, weight: usize) -> impl FnMut() -> Option<(usize, usize)> + Send {
        let mut numbers = 0..count;
        move || numbers.next().map(|number| (weight, number))
    }

    #[test]
    fn results_have_the_order_of_the_source() {
        for (threads, room) in [(1, 1), (2, 1), (2, 9), (3, 4), (8, 1_000)] {
            let mut taken = Vec::new();
            let work = |number| {
                pause(number);
                number
            };
            let flow = ordered_parallel_map(threads, room, &mut numbers(300, 1), &work, &mut |number| {
                taken.push(number);
                ControlFlow::Continue(())
            });
            assert!(flow.is_continue());
            assert_eq!(taken, (0..300).collect::<Vec<_>>(), "{threads} threads");
        }
    }

    #[test]
    fn items_in_flight_are_bounded() {
        // An item is fetched if there is any room left; without room, four are allowed.
        for (weight, most) in [(1, 10), (3, 4), (50, 4)] {
            let in_flight = Arc::new(AtomicUsize::new(0));
            let (given, taken) = (in_flight.clone(), in_flight);
            let mut numbers = numbers(200, weight);
            let mut next = move || {
                let item = numbers();
                let there = given.fetch_add(usize::from(item.is_some()), Ordering::SeqCst);
                // Plus the item that is being read.
                assert!(item.is_none() || there <= most, "{there} before this one");
                item
            };
            let _ = ordered_parallel_map(4, 10, &mut next, &pause, &mut |()| {
                taken.fetch_sub(1, Ordering::SeqCst);
                ControlFlow::Continue(())
            });
            assert_eq!(taken.load(Ordering::SeqCst), 0);
        }
    }

    #[test]
    fn two_threads_work_in_parallel_on_heavy_items() {
        let waited = with_timeout(|| {
            // Each waits for the other.
            let both = Barrier::new(2);
            ordered_parallel_map(2, 10, &mut numbers(20, 50), &|_| both.wait().is_leader(), &mut |_| ControlFlow::Continue(()))
        });
        assert!(waited.expect("no panic").is_continue());
    }

    #[test]
    fn fetched_items_are_taken_after_a_break() {
        for threads in [1, 2, 8] {
            let given = Arc::new(AtomicUsize::new(0));
            let (counter, mut numbers) = (given.clone(), numbers(10_000, 1));
            let mut next = move || {
                counter.fetch_add(1, Ordering::SeqCst);
                // Slow enough that a worker uses the source when the map stops.
                thread::sleep(Duration::from_millis(1));
                numbers()
            };
            let mut taken = 0;
            let work = |number| {
                pause(number);
                number
            };
            let flow = ordered_parallel_map(threads, 20, &mut next, &work, &mut |number| {
                assert_eq!(number, taken);
                taken += 1;
                if number == 50 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            assert!(flow.is_break());
            assert_eq!(taken, given.load(Ordering::SeqCst), "{threads} threads");
            assert!((51..100).contains(&taken), "{threads} threads: {taken} taken");
        }
    }

    /// The message of the panic that reaches the caller, and the number of results before it.
    fn panicked(
        threads: usize,
        next: impl Fn(usize) + Send + 'static,
        work: impl Fn(usize) + Sync + Send + 'static,
        take: impl Fn(usize) + Send + 'static,
    ) -> (String, usize) {
        let (sender, receiver) = channel();
        let outcome = with_timeout(move || {
            let mut numbers = numbers(100, 1);
            let mut source = move || {
                let item = numbers();
                item.iter().for_each(|(_, number)| next(*number));
                item
            };
            let work = |number| {
                work(number);
                number
            };
            ordered_parallel_map(threads, 20, &mut source, &work, &mut |number| {
                take(number);
                sender.send(number).expect("a test that listens");
                ControlFlow::Continue(())
            })
        });
        let panic = outcome.expect_err("a panic").downcast_ref::<&str>().copied().unwrap_or_default().to_owned();
        (panic, receiver.iter().count())
    }

    #[test]
    fn a_panic_reaches_the_caller_in_order() {
        fn on_the_sixtieth(number: usize) {
            pause(number);
            if number == 60 {
                panic!("the sixtieth")
            }
        }
        for threads in [1, 2, 8] {
            let wanted = ("the sixtieth".to_owned(), 60);
            assert_eq!(panicked(threads, |_| (), on_the_sixtieth, |_| ()), wanted, "at work, {threads} threads");
            assert_eq!(panicked(threads, on_the_sixtieth, |_| (), |_| ()), wanted, "at the source, {threads} threads");
            assert_eq!(panicked(threads, |_| (), |_| (), on_the_sixtieth), wanted, "taking, {threads} threads");
        }
    }
}

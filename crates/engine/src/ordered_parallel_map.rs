//! Work on what comes one after another, side by side: whoever is free takes the next from the source and works on it, so that it is
//! in that processor's cache; the caller works along, and takes what the work comes to in the order of the source.
//!
//! What is worked on and not taken is bounded. What panics panics in its turn, in the caller.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder};

/// Pieces that may be on their way however heavy they are: for each of two threads one at work, and one that is done before it.
const ANYWAY: usize = 4;

/// Gives the next piece, and what it weighs.
type Next<'n, J> = &'n mut (dyn FnMut() -> Option<(usize, J)> + Send);

/// Works on every piece that `next` gives, on so many threads, and hands the results to `take` in order, until that breaks off; what
/// has come from the source by then is still worked on and taken. Pieces on their way weigh about `room` together, or are four.
pub(crate) fn ordered_parallel_map<J, R: Send>(
    threads: usize,
    room: usize,
    next: Next<'_, J>,
    work: &(dyn Fn(J) -> R + Sync),
    take: &mut dyn FnMut(R) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let state = State { next: Some(next), is_over: false, waiting: VecDeque::new(), taken: 0, weight: 0, room, asleep: 0 };
    let ordered_parallel_map = Relay { state: Mutex::new(state), changed: Condvar::new(), work };
    thread::scope(|scope| {
        // However this ends, the others are told.
        let _over = Over(&ordered_parallel_map);
        for _ in 1..threads {
            if Builder::new().spawn_scoped(scope, || ordered_parallel_map.follow()).is_err() {
                // With fewer it takes longer, and comes to the same.
                break;
            }
        }
        ordered_parallel_map.lead(take)
    })
}

struct Relay<'r, J, R> {
    state: Mutex<State<'r, J, R>>,
    changed: Condvar,
    work: &'r (dyn Fn(J) -> R + Sync),
}

struct State<'n, J, R> {
    /// The source, unless somebody is at it.
    next: Option<Next<'n, J>>,
    /// Nothing more is to come from the source.
    is_over: bool,
    /// What has come from the source and is not taken, in order: its weight, and what it came to.
    waiting: VecDeque<(usize, Option<thread::Result<R>>)>,
    /// How many came before these.
    taken: usize,
    weight: usize,
    room: usize,
    /// Threads that wait for a change.
    asleep: usize,
}

impl<J, R> State<'_, J, R> {
    fn may_fetch(&self) -> bool {
        !self.is_over && self.next.is_some() && (self.weight < self.room || self.waiting.len() < ANYWAY)
    }

    fn is_ready(&self) -> bool {
        self.waiting.front().is_some_and(|(_, result)| result.is_some())
    }

    fn is_done(&self) -> bool {
        self.is_over && self.next.is_some() && self.waiting.is_empty()
    }
}

impl<'r, J, R: Send> Relay<'r, J, R> {
    /// Takes what is ready, and works along.
    fn lead(&self, take: &mut dyn FnMut(R) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        loop {
            let mut state = self.when(|state| state.is_ready() || state.may_fetch() || state.is_done());
            if state.is_done() {
                return flow;
            }
            if !state.is_ready() {
                self.fetch(state);
                continue;
            }
            let (weight, result) = state.waiting.pop_front().unwrap_or_default();
            state.taken += 1;
            state.weight -= weight;
            self.tell(state);
            if let Some(result) = result
                && take(result.unwrap_or_else(|panic| resume_unwind(panic))).is_break()
            {
                flow = ControlFlow::Break(());
                self.end();
            }
        }
    }

    fn follow(&self) {
        loop {
            let state = self.when(|state| state.is_over || state.may_fetch());
            if state.is_over {
                return;
            }
            self.fetch(state);
        }
    }

    /// Works on the next piece. Meanwhile others are at the source.
    fn fetch(&self, mut state: MutexGuard<'_, State<'r, J, R>>) {
        let Some(next) = state.next.take() else { return };
        drop(state);
        let piece = catch_unwind(AssertUnwindSafe(&mut *next));
        let mut state = self.lock();
        state.next = Some(next);
        let number = state.taken + state.waiting.len();
        match piece {
            Ok(Some((weight, piece))) => {
                state.weight += weight;
                state.waiting.push_back((weight, None));
                self.tell(state);
                let result = catch_unwind(AssertUnwindSafe(|| (self.work)(piece)));
                state = self.lock();
                let at = number - state.taken;
                if let Some(place) = state.waiting.get_mut(at) {
                    place.1 = Some(result);
                }
            }
            Ok(None) => state.is_over = true,
            Err(panic) => {
                state.is_over = true;
                state.waiting.push_back((0, Some(Err(panic))));
            }
        }
        self.tell(state);
    }

    fn end(&self) {
        let mut state = self.lock();
        state.is_over = true;
        self.tell(state);
    }

    fn lock(&self) -> MutexGuard<'_, State<'r, J, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn when(&self, condition: impl Fn(&State<'r, J, R>) -> bool) -> MutexGuard<'_, State<'r, J, R>> {
        let mut state = self.lock();
        while !condition(&state) {
            state.asleep += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.asleep -= 1;
        }
        state
    }

    fn tell(&self, state: MutexGuard<'_, State<'r, J, R>>) {
        let asleep = state.asleep;
        drop(state);
        if asleep > 0 {
            self.changed.notify_all();
        }
    }
}

/// Ends a ordered_parallel_map, whichever way its caller leaves.
struct Over<'o, 'r, J, R: Send>(&'o Relay<'r, J, R>);

impl<J, R: Send> Drop for Over<'_, '_, J, R> {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;
    use std::sync::{Arc, Barrier};
    use std::time::Duration;

    use super::*;

    /// What a test comes to that must not wait for ever.
    fn in_time<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> thread::Result<T> {
        let (sender, receiver) = channel();
        thread::spawn(move || sender.send(catch_unwind(AssertUnwindSafe(test))));
        receiver.recv_timeout(Duration::from_secs(60)).expect("it waits for ever")
    }

    /// Some microseconds, another number for each piece.
    fn pause(number: usize) {
        thread::sleep(Duration::from_micros((number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55));
    }

    /// A source of numbers, each of one weight.
    fn numbers(count: usize, weight: usize) -> impl FnMut() -> Option<(usize, usize)> + Send {
        let mut numbers = 0..count;
        move || numbers.next().map(|number| (weight, number))
    }

    #[test]
    fn results_come_in_the_order_of_the_source() {
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
    fn no_more_is_on_its_way_than_there_is_room_for() {
        // One piece comes where there is any room; without room there are four.
        for (weight, most) in [(1, 10), (3, 4), (50, 4)] {
            let on_their_way = Arc::new(AtomicUsize::new(0));
            let (given, taken) = (on_their_way.clone(), on_their_way);
            let mut numbers = numbers(200, weight);
            let mut next = move || {
                let piece = numbers();
                let there = given.fetch_add(usize::from(piece.is_some()), Ordering::SeqCst);
                // And the one that is being taken.
                assert!(piece.is_none() || there <= most, "{there} before this one");
                piece
            };
            let _ = ordered_parallel_map(4, 10, &mut next, &pause, &mut |()| {
                taken.fetch_sub(1, Ordering::SeqCst);
                ControlFlow::Continue(())
            });
            assert_eq!(taken.load(Ordering::SeqCst), 0);
        }
    }

    #[test]
    fn two_work_side_by_side_however_heavy_the_pieces() {
        let waited = in_time(|| {
            // Each waits for the other.
            let both = Barrier::new(2);
            ordered_parallel_map(2, 10, &mut numbers(20, 50), &|_| both.wait().is_leader(), &mut |_| ControlFlow::Continue(()))
        });
        assert!(waited.expect("no panic").is_continue());
    }

    #[test]
    fn what_came_from_the_source_is_taken_when_it_is_broken_off() {
        for threads in [1, 2, 8] {
            let given = Arc::new(AtomicUsize::new(0));
            let (counter, mut numbers) = (given.clone(), numbers(10_000, 1));
            let mut next = move || {
                counter.fetch_add(1, Ordering::SeqCst);
                // So slow that somebody is at the source when it is broken off.
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

    /// What a panic said that is to reach the caller of a ordered_parallel_map of a hundred pieces; how many results were taken before.
    fn panicked(
        threads: usize,
        next: impl Fn(usize) + Send + 'static,
        work: impl Fn(usize) + Sync + Send + 'static,
        take: impl Fn(usize) + Send + 'static,
    ) -> (String, usize) {
        let (sender, receiver) = channel();
        let outcome = in_time(move || {
            let mut numbers = numbers(100, 1);
            let mut source = move || {
                let piece = numbers();
                piece.iter().for_each(|(_, number)| next(*number));
                piece
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
    fn a_panic_comes_to_the_caller_in_its_turn() {
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

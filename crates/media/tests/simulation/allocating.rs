// SPDX-License-Identifier: Apache-2.0
//! The forward path asks the allocator for nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use voz_testkit::simulation::{NODE, Sim, Voice, ms};

thread_local! {
    /// Requests of this thread while they are counted.
    static COUNTED: Cell<Option<u64>> = const { Cell::new(None) };
}

struct Counting;

impl Counting {
    fn count() {
        COUNTED.with(|counted| counted.set(counted.get().map(|count| count + 1)));
    }
}

#[expect(unsafe_code, reason = "an allocator can't be counted from outside; every call goes to the system's")]
// SAFETY: each method hands its arguments to the system allocator as they are.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn an_allocation_is_counted() {
    COUNTED.set(Some(0));
    drop(std::hint::black_box(vec![0_u8; 10]));
    assert_eq!(COUNTED.take(), Some(1));
}

#[test]
fn forwarding_allocates_nothing_once_warm() {
    let mut sim = Sim::new(1);
    let people: Vec<usize> = (0..10).map(|_| sim.join(7, 4)).collect();
    sim.connect();
    for who in &people {
        sim.speak(*who, Voice::Level(-20));
    }
    sim.run(ms(1_000));
    let now = sim.now;
    let speakers = &people[..3];
    let mut datagrams: Vec<_> = speakers
        .iter()
        .flat_map(|who| {
            let source = sim.clients[*who].public();
            let recorded = sim.clients[*who].record(now, 200);
            recorded.into_iter().map(move |(at, bytes)| (at, source, bytes))
        })
        .collect();
    datagrams.sort_by_key(|(at, ..)| *at);
    let destination = NODE.parse().unwrap();
    let out_before = sim.node.stats().packets_out;
    let mut sent_bytes = 0;
    for (number, (at, source, bytes)) in datagrams.iter_mut().enumerate() {
        if number == 60 {
            COUNTED.set(Some(0));
        }
        sim.node.handle_input(*at, *source, destination, bytes);
        if sim.node.pending() >= 64 {
            sent_bytes += sim.node.transmits().map(|transmit| transmit.bytes.len()).sum::<usize>();
            sim.node.clear_transmits();
        }
    }
    let allocations = COUNTED.take().unwrap();
    let forwarded = sim.node.stats().packets_out - out_before;
    // Read by the bench.
    println!("allocs_per_packet {}", allocations as f64 / forwarded as f64);
    assert_eq!(forwarded, 600 * 9);
    assert!(sent_bytes > 100 * 5000);
    assert_eq!(allocations, 0);
}

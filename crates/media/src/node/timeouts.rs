// SPDX-License-Identifier: Apache-2.0
//! What is due by time.

use std::time::{Duration, Instant};

use super::Node;
use crate::event::CloseReason;
use crate::timer::Due;

/// Each peer's round: reports, ICE's clock, and whether it is still there.
const TICK: Duration = Duration::from_secs(1);

impl Node {
    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some((due, handle)) = self.timers.pop(now) {
            if self.generations.get(handle.index as usize) != Some(&handle.generation) {
                continue;
            }
            // `None` says that what was due no longer exists.
            let _ = match due {
                Due::Tick => self.tick(now, handle.index),
                Due::Dtls => self.dtls_timeout(now, handle.index),
                Due::Hangover => self.hangover(now, handle.index),
            };
        }
    }

    fn tick(&mut self, now: Instant, index: u32) -> Option<()> {
        let at = index as usize;
        let peer = self.peers[at].as_mut()?;
        let ingress = self.ingress[at].as_mut()?;
        let idle = now.saturating_duration_since(ingress.heard_at) >= self.config.idle_timeout;
        match peer.connected_at {
            None if now.saturating_duration_since(peer.joined_at) >= self.config.connect_timeout => {
                self.close(now, index, CloseReason::NotConnected);
                return None;
            }
            Some(_) if idle => {
                self.close(now, index, CloseReason::Silent);
                return None;
            }
            None => {}
            Some(connected) => {
                if now.saturating_duration_since(connected) >= self.config.dtls_retention {
                    peer.dtls = None;
                }
                let egress = self.egress[at].as_mut()?;
                crate::report::write(now, self.epoch, peer, ingress, egress, &mut self.arena);
            }
        }
        peer.ice.handle_timeout(now, &mut self.random, &mut self.arena);
        let handle = self.handle(index);
        self.timers.arm(now + TICK, Due::Tick, handle);
        Some(())
    }

    /// Ends speech, or comes again: the deadline is not moved by every loud packet.
    fn hangover(&mut self, now: Instant, index: u32) -> Option<()> {
        let handle = self.handle(index);
        let ingress = self.ingress[index as usize].as_mut()?;
        match ingress.speaker.ends_at() {
            Some(ends_at) if ends_at > now => self.timers.arm(ends_at, Due::Hangover, handle),
            _ => {
                ingress.hangover_armed = false;
                let room = ingress.room;
                if ingress.speaker.stop() {
                    self.tell_speaking(room);
                }
            }
        }
        Some(())
    }
}

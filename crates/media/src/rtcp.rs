// SPDX-License-Identifier: Apache-2.0
//! RTCP: compound packets read leniently, reports written (RFC 3550 §6).
//!
//! Reading yields what an SFU can use and walks over the rest (feedback, extended reports,
//! applications). A compound packet that breaks off is used up to the break: it was authenticated
//! before, so a peer can only harm its own statistics. Nothing here panics or allocates.

use thiserror::Error;

const VERSION: u8 = 2;
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;

const HEADER_BYTES: usize = 4;
const REPORT_BLOCK_BYTES: usize = 24;
const SENDER_INFO_BYTES: usize = 20;
const END_ITEM: u8 = 0;
const CNAME_ITEM: u8 = 1;
/// The report count has five bits.
const MAX_COUNT: usize = 31;

/// Why a report can't be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RtcpError {
    /// The output is too short.
    #[error("no room for the RTCP packet")]
    NoRoom,
    /// Over 31 report blocks, or a CNAME that is empty or over 255 bytes.
    #[error("RTCP field out of range")]
    OutOfRange,
}

/// One packet of a compound packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'a> {
    /// What a source sent, and what it received (RFC 3550 §6.4.1).
    SenderReport {
        /// The reporting source.
        ssrc: u32,
        /// What it sent.
        info: SenderInfo,
        /// What it received.
        reports: Reports<'a>,
    },
    /// What a source received (RFC 3550 §6.4.2).
    ReceiverReport {
        /// The reporting source.
        ssrc: u32,
        /// What it received.
        reports: Reports<'a>,
    },
    /// The first chunk of a source description with its CNAME, if it has one (RFC 3550 §6.5).
    SourceDescription {
        /// The described source.
        ssrc: u32,
        /// Canonical name, as sent.
        cname: Option<&'a [u8]>,
    },
    /// Sources that leave (RFC 3550 §6.6).
    Goodbye {
        /// The sources.
        ssrcs: Ssrcs<'a>,
    },
    /// Anything else, by packet type.
    Other {
        /// RTCP packet type.
        packet_type: u8,
    },
}

/// Sender information of a sender report (RFC 3550 §6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderInfo {
    /// Wall-clock time: seconds since 1900 in the high half, fractions in the low (RFC 5905 §6).
    pub ntp_time: u64,
    /// The same moment in units of the RTP clock.
    pub rtp_time: u32,
    /// Packets sent so far, modulo 2³².
    pub packets: u32,
    /// Payload bytes sent so far, modulo 2³².
    pub bytes: u32,
}

/// Reception quality of one source (RFC 3550 §6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportBlock {
    /// The source reported on.
    pub ssrc: u32,
    /// Packets lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost altogether, −2²³ to 2²³ − 1; duplicates make it negative.
    pub cumulative_lost: i32,
    /// Highest extended sequence number received: cycles ‖ sequence number.
    pub highest_sequence: u32,
    /// Interarrival jitter in units of the RTP clock.
    pub jitter: u32,
    /// Middle 32 bits of the last sender report's NTP time, 0 if none came.
    pub last_sender_report: u32,
    /// Time since that report came, in units of 1/65,536 s.
    pub delay_since_last_sender_report: u32,
}

/// The report blocks of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reports<'a>(&'a [u8]);

impl<'a> Reports<'a> {
    /// The blocks, in their order.
    pub fn iter(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        self.0.chunks_exact(REPORT_BLOCK_BYTES).map(|block| {
            let lost = u32_at(block, 4);
            ReportBlock {
                ssrc: u32_at(block, 0),
                fraction_lost: block[4],
                // Sign-extends the low 24 bits.
                cumulative_lost: (lost << 8).cast_signed() >> 8,
                highest_sequence: u32_at(block, 8),
                jitter: u32_at(block, 12),
                last_sender_report: u32_at(block, 16),
                delay_since_last_sender_report: u32_at(block, 20),
            }
        })
    }
}

/// The sources of a goodbye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ssrcs<'a>(&'a [u8]);

impl<'a> Ssrcs<'a> {
    /// The sources, in their order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.0.chunks_exact(4).map(|word| u32_at(word, 0))
    }
}

/// Whether `datagram` is RTCP rather than RTP, on a port that carries both (RFC 5761 §4).
pub fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram, [first, 192..=223, ..] if first >> 6 == VERSION)
}

/// Walks a (decrypted) compound packet; ends at its end or where it breaks off.
pub fn packets(compound: &[u8]) -> impl Iterator<Item = Packet<'_>> {
    let mut rest = compound;
    std::iter::from_fn(move || {
        let header = rest.first_chunk::<HEADER_BYTES>()?;
        if header[0] >> 6 != VERSION {
            return None;
        }
        let length = HEADER_BYTES + 4 * usize::from(u16::from_be_bytes([header[2], header[3]]));
        let (packet, tail) = rest.split_at_checked(length)?;
        rest = tail;
        let body = &packet[HEADER_BYTES..];
        let count = usize::from(header[0] & 0x1F);
        Some(read(header[1], count, body).unwrap_or(Packet::Other { packet_type: header[1] }))
    })
}

fn read(packet_type: u8, count: usize, body: &[u8]) -> Option<Packet<'_>> {
    match packet_type {
        SENDER_REPORT => {
            let (ssrc, rest) = body.split_first_chunk::<4>()?;
            let (info, rest) = rest.split_at_checked(SENDER_INFO_BYTES)?;
            Some(Packet::SenderReport {
                ssrc: u32::from_be_bytes(*ssrc),
                info: SenderInfo {
                    ntp_time: u64::from(u32_at(info, 0)) << 32 | u64::from(u32_at(info, 4)),
                    rtp_time: u32_at(info, 8),
                    packets: u32_at(info, 12),
                    bytes: u32_at(info, 16),
                },
                reports: Reports(at_most(rest, count * REPORT_BLOCK_BYTES)),
            })
        }
        RECEIVER_REPORT => {
            let (ssrc, rest) = body.split_first_chunk::<4>()?;
            Some(Packet::ReceiverReport {
                ssrc: u32::from_be_bytes(*ssrc),
                reports: Reports(at_most(rest, count * REPORT_BLOCK_BYTES)),
            })
        }
        SOURCE_DESCRIPTION if count > 0 => {
            let (ssrc, items) = body.split_first_chunk::<4>()?;
            Some(Packet::SourceDescription { ssrc: u32::from_be_bytes(*ssrc), cname: cname(items) })
        }
        GOODBYE => Some(Packet::Goodbye { ssrcs: Ssrcs(at_most(body, count * 4)) }),
        _ => None,
    }
}

fn cname(mut items: &[u8]) -> Option<&[u8]> {
    while let [kind, length, tail @ ..] = items {
        if *kind == END_ITEM {
            break;
        }
        let (value, tail) = tail.split_at_checked(usize::from(*length))?;
        if *kind == CNAME_ITEM {
            return Some(value);
        }
        items = tail;
    }
    None
}

fn at_most(bytes: &[u8], length: usize) -> &[u8] {
    &bytes[..length.min(bytes.len())]
}

/// Reads 32 bits; `bytes` was cut to a length that holds them.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk::<4>().map_or(0, |word| u32::from_be_bytes(*word))
}

/// Writes a compound packet of one receiver report and the sender's CNAME, the least that
/// RFC 3550 §6.1 allows, and returns its length in bytes.
///
/// # Errors
/// [`RtcpError::NoRoom`] and [`RtcpError::OutOfRange`]; `out` is then unspecified.
pub fn write_receiver_report(
    out: &mut [u8],
    ssrc: u32,
    reports: &[ReportBlock],
    cname: &[u8],
) -> Result<usize, RtcpError> {
    let mut writer = Writer { out, at: 0 };
    writer.report(RECEIVER_REPORT, ssrc, None, reports)?;
    writer.description(ssrc, cname)?;
    Ok(writer.at)
}

/// Writes a compound packet of one sender report and the sender's CNAME, and returns its length
/// in bytes.
///
/// # Errors
/// As [`write_receiver_report`].
pub fn write_sender_report(
    out: &mut [u8],
    ssrc: u32,
    info: SenderInfo,
    reports: &[ReportBlock],
    cname: &[u8],
) -> Result<usize, RtcpError> {
    let mut writer = Writer { out, at: 0 };
    writer.report(SENDER_REPORT, ssrc, Some(info), reports)?;
    writer.description(ssrc, cname)?;
    Ok(writer.at)
}

struct Writer<'o> {
    out: &'o mut [u8],
    at: usize,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), RtcpError> {
        let room = self.out.get_mut(self.at..self.at + bytes.len()).ok_or(RtcpError::NoRoom)?;
        room.copy_from_slice(bytes);
        self.at += bytes.len();
        Ok(())
    }

    fn put_u32(&mut self, value: u32) -> Result<(), RtcpError> {
        self.put(&value.to_be_bytes())
    }

    fn header(&mut self, packet_type: u8, count: usize, body: usize) -> Result<(), RtcpError> {
        let count = u8::try_from(count).map_err(|_| RtcpError::OutOfRange)?;
        let words = u16::try_from(body / 4).map_err(|_| RtcpError::OutOfRange)?;
        self.put(&[VERSION << 6 | count, packet_type])?;
        self.put(&words.to_be_bytes())
    }

    fn report(
        &mut self,
        packet_type: u8,
        ssrc: u32,
        info: Option<SenderInfo>,
        reports: &[ReportBlock],
    ) -> Result<(), RtcpError> {
        if reports.len() > MAX_COUNT {
            return Err(RtcpError::OutOfRange);
        }
        let info_bytes = info.map_or(0, |_| SENDER_INFO_BYTES);
        let body = 4 + info_bytes + reports.len() * REPORT_BLOCK_BYTES;
        self.header(packet_type, reports.len(), body)?;
        self.put_u32(ssrc)?;
        if let Some(info) = info {
            self.put(&info.ntp_time.to_be_bytes())?;
            self.put_u32(info.rtp_time)?;
            self.put_u32(info.packets)?;
            self.put_u32(info.bytes)?;
        }
        for report in reports {
            let lost = report.cumulative_lost.clamp(-(1 << 23), (1 << 23) - 1);
            self.put_u32(report.ssrc)?;
            self.put(&[report.fraction_lost])?;
            self.put(&lost.to_be_bytes()[1..])?;
            self.put_u32(report.highest_sequence)?;
            self.put_u32(report.jitter)?;
            self.put_u32(report.last_sender_report)?;
            self.put_u32(report.delay_since_last_sender_report)?;
        }
        Ok(())
    }

    fn description(&mut self, ssrc: u32, cname: &[u8]) -> Result<(), RtcpError> {
        let length = u8::try_from(cname.len()).map_err(|_| RtcpError::OutOfRange)?;
        if length == 0 {
            return Err(RtcpError::OutOfRange);
        }
        // SSRC, item header, name, and one to four zero bytes that end the chunk.
        let chunk = (4 + 2 + cname.len() + 1).next_multiple_of(4);
        self.header(SOURCE_DESCRIPTION, 1, chunk)?;
        self.put_u32(ssrc)?;
        self.put(&[CNAME_ITEM, length])?;
        self.put(cname)?;
        for _ in 4 + 2 + cname.len()..chunk {
            self.put(&[0])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

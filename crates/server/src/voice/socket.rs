// SPDX-License-Identifier: Apache-2.0
//! The UDP socket of a media thread: batched receive and send, each datagram with the local address
//! it came to or leaves from (RFC 3542 §6), so that an answer leaves from where it was asked.
//!
//! One dual-stack socket on the wildcard address; IPv4 alone where the host has no IPv6.
#![expect(unsafe_code, reason = "recvmmsg and sendmmsg with a source address per datagram have no safe wrapper")]

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

/// Datagrams per system call.
pub const BATCH: usize = 64;
/// The largest datagram that is taken whole; longer ones are cut and then fail authentication.
pub const DATAGRAM_BYTES: usize = 2048;
/// Asked of the kernel for each direction; it may give less.
const SOCKET_BUFFER_BYTES: libc::c_int = 4 << 20;
/// Room for one packet-information control message of either family.
const CONTROL_BYTES: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    DualStack,
}

/// A bound, non-blocking UDP socket.
pub struct VoiceSocket {
    fd: OwnedFd,
    family: Family,
}

/// A datagram to send: `source` is the local address it leaves from.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// Where to.
    pub destination: SocketAddr,
    /// Local address; an unspecified one leaves the choice to the kernel.
    pub source: IpAddr,
    /// The datagram.
    pub bytes: &'a [u8],
}

/// A received datagram.
pub struct Incoming<'a> {
    /// Where it came from.
    pub source: SocketAddr,
    /// The local address that it was sent to.
    pub destination: SocketAddr,
    /// The datagram; may be decrypted in place.
    pub bytes: &'a mut [u8],
}

#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Control([u8; CONTROL_BYTES]);

/// The buffers of one receive call, reused for life.
pub struct ReceiveBatch {
    buffers: Box<[[u8; DATAGRAM_BYTES]]>,
    names: Box<[libc::sockaddr_storage]>,
    controls: Box<[Control]>,
    vectors: Box<[libc::iovec]>,
    headers: Box<[libc::mmsghdr]>,
    /// How many headers the kernel has written to since they were made ready.
    used: usize,
}

/// The headers of one send call, reused for life.
pub struct SendBatch {
    names: Box<[libc::sockaddr_storage]>,
    controls: Box<[Control]>,
    vectors: Box<[libc::iovec]>,
    headers: Box<[libc::mmsghdr]>,
}

fn zeroed<T: Copy>() -> T {
    // SAFETY: used with plain C structures and pointers only, for which all zeroes is a value.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

fn boxed<T: Clone>(value: T) -> Box<[T]> {
    vec![value; BATCH].into_boxed_slice()
}

impl ReceiveBatch {
    /// Allocates the buffers.
    pub fn new() -> Self {
        Self {
            buffers: boxed([0; DATAGRAM_BYTES]),
            names: boxed(zeroed()),
            controls: boxed(Control([0; CONTROL_BYTES])),
            vectors: boxed(zeroed()),
            headers: boxed(zeroed()),
            used: BATCH,
        }
    }

    /// Makes the headers ready for the kernel that it has written to.
    fn make_ready(&mut self) {
        for index in 0..mem::take(&mut self.used) {
            self.vectors[index] =
                libc::iovec { iov_base: self.buffers[index].as_mut_ptr().cast(), iov_len: DATAGRAM_BYTES };
            let header = &mut self.headers[index].msg_hdr;
            header.msg_name = ptr::from_mut(&mut self.names[index]).cast();
            header.msg_namelen = mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            header.msg_iov = ptr::from_mut(&mut self.vectors[index]);
            header.msg_iovlen = 1;
            header.msg_control = self.controls[index].0.as_mut_ptr().cast();
            header.msg_controllen = CONTROL_BYTES as _;
            header.msg_flags = 0;
        }
    }
}

impl SendBatch {
    /// Allocates the headers.
    pub fn new() -> Self {
        Self {
            names: boxed(zeroed()),
            controls: boxed(Control([0; CONTROL_BYTES])),
            vectors: boxed(zeroed()),
            headers: boxed(zeroed()),
        }
    }
}

// SAFETY: the raw pointers inside point into the batch's own boxes or are rewritten before each use.
unsafe impl Send for ReceiveBatch {}
// SAFETY: as above.
unsafe impl Send for SendBatch {}

impl VoiceSocket {
    /// Binds the wildcard address.
    ///
    /// # Errors
    /// What the kernel says, above all that the port is in use.
    pub fn bind(port: u16) -> io::Result<Self> {
        match Self::open(Family::DualStack, port) {
            Err(error) if matches!(error.raw_os_error(), Some(libc::EAFNOSUPPORT | libc::EADDRNOTAVAIL)) => {
                Self::open(Family::V4, port)
            }
            bound => bound,
        }
    }

    fn open(family: Family, port: u16) -> io::Result<Self> {
        let domain = match family {
            Family::V4 => libc::AF_INET,
            Family::DualStack => libc::AF_INET6,
        };
        // SAFETY: plain system call; the result is checked.
        let raw = unsafe { libc::socket(domain, libc::SOCK_DGRAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, 0) };
        if raw < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `raw` was just opened and belongs to nobody else.
        let fd = unsafe { OwnedFd::from_raw_fd(raw) };
        let socket = Self { fd, family };
        let wildcard = match family {
            Family::V4 => {
                socket.set(libc::IPPROTO_IP, libc::IP_PKTINFO, 1)?;
                SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))
            }
            Family::DualStack => {
                socket.set(libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, 0)?;
                socket.set(libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, 1)?;
                SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))
            }
        };
        // Larger buffers ride out a pause of the thread; the kernel's limit decides.
        drop(socket.set(libc::SOL_SOCKET, libc::SO_RCVBUF, SOCKET_BUFFER_BYTES));
        drop(socket.set(libc::SOL_SOCKET, libc::SO_SNDBUF, SOCKET_BUFFER_BYTES));
        let mut name = zeroed();
        let length = write_name(&mut name, wildcard, family);
        // SAFETY: `name` holds an address of `length` bytes.
        let done = unsafe { libc::bind(socket.fd.as_raw_fd(), ptr::from_ref(&name).cast(), length) };
        if done < 0 { Err(io::Error::last_os_error()) } else { Ok(socket) }
    }

    fn set(&self, level: libc::c_int, option: libc::c_int, value: libc::c_int) -> io::Result<()> {
        // SAFETY: the option value is a c_int of the size given.
        let done = unsafe {
            libc::setsockopt(
                self.fd.as_raw_fd(),
                level,
                option,
                ptr::from_ref(&value).cast(),
                mem::size_of::<libc::c_int>() as libc::socklen_t,
            )
        };
        if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// The port that was bound.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn port(&self) -> io::Result<u16> {
        let mut name: libc::sockaddr_storage = zeroed();
        let mut length = mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        // SAFETY: `name` has room for `length` bytes.
        let done = unsafe { libc::getsockname(self.fd.as_raw_fd(), ptr::from_mut(&mut name).cast(), &mut length) };
        if done < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(read_name(&name).map_or(0, |address| address.port()))
    }

    /// For `poll(2)`.
    pub fn raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Receives up to [`BATCH`] datagrams without waiting and hands each to `take`. Returns how many.
    ///
    /// # Errors
    /// What the kernel says; that nothing is there is `Ok(0)`.
    pub fn receive(
        &self,
        batch: &mut ReceiveBatch,
        port: u16,
        mut take: impl FnMut(Incoming<'_>),
    ) -> io::Result<usize> {
        batch.make_ready();
        // SAFETY: every header points at a name, a vector, a buffer and a control block of this batch.
        let received = unsafe {
            libc::recvmmsg(
                self.fd.as_raw_fd(),
                batch.headers.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT as _,
                ptr::null_mut(),
            )
        };
        if received < 0 {
            let error = io::Error::last_os_error();
            return match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(0),
                _ => Err(error),
            };
        }
        let received = received as usize;
        batch.used = received;
        for index in 0..received {
            let Some(source) = read_name(&batch.names[index]) else { continue };
            let header = &batch.headers[index];
            let local = local_address(&header.msg_hdr).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
            let length = (header.msg_len as usize).min(DATAGRAM_BYTES);
            take(Incoming {
                source,
                destination: SocketAddr::new(local, port),
                bytes: &mut batch.buffers[index][..length],
            });
        }
        Ok(received)
    }

    /// Sends all datagrams, [`BATCH`] per system call. What the kernel will not take is lost, as the
    /// network may lose it too; returns how many were lost.
    pub fn send<'a>(&self, batch: &mut SendBatch, mut datagrams: impl Iterator<Item = Outgoing<'a>>) -> usize {
        let mut lost = 0;
        loop {
            let mut count = 0;
            for datagram in datagrams.by_ref().take(BATCH) {
                self.fill(batch, count, &datagram);
                count += 1;
            }
            if count == 0 {
                return lost;
            }
            lost += self.send_filled(batch, count);
        }
    }

    fn send_filled(&self, batch: &mut SendBatch, count: usize) -> usize {
        let (mut at, mut lost) = (0, 0);
        while at < count {
            // SAFETY: headers `at..count` were filled for this call and their datagrams are borrowed by
            // the caller until it returns.
            let sent = unsafe {
                libc::sendmmsg(
                    self.fd.as_raw_fd(),
                    batch.headers.as_mut_ptr().add(at),
                    (count - at) as libc::c_uint,
                    libc::MSG_DONTWAIT as _,
                )
            };
            if sent > 0 {
                at += sent as usize;
            } else if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
                // The first one left was refused (no route, full buffer): lose it and go on.
                lost += 1;
                at += 1;
            }
        }
        lost
    }

    fn fill(&self, batch: &mut SendBatch, index: usize, datagram: &Outgoing<'_>) {
        let length = write_name(&mut batch.names[index], datagram.destination, self.family);
        batch.vectors[index] =
            libc::iovec { iov_base: datagram.bytes.as_ptr().cast_mut().cast(), iov_len: datagram.bytes.len() };
        let header = &mut batch.headers[index].msg_hdr;
        header.msg_name = ptr::from_mut(&mut batch.names[index]).cast();
        header.msg_namelen = length;
        header.msg_iov = ptr::from_mut(&mut batch.vectors[index]);
        header.msg_iovlen = 1;
        header.msg_control = ptr::null_mut();
        header.msg_controllen = 0;
        header.msg_flags = 0;
        if datagram.source.is_unspecified() {
            return;
        }
        header.msg_control = batch.controls[index].0.as_mut_ptr().cast();
        header.msg_controllen = CONTROL_BYTES as _;
        match (self.family, datagram.source) {
            (Family::V4, IpAddr::V4(address)) => {
                let info = libc::in_pktinfo {
                    ipi_ifindex: 0,
                    ipi_spec_dst: in_addr(address),
                    ipi_addr: in_addr(Ipv4Addr::UNSPECIFIED),
                };
                write_control(header, libc::IPPROTO_IP, libc::IP_PKTINFO, info);
            }
            (Family::DualStack, address) => {
                let info = libc::in6_pktinfo { ipi6_addr: in6_addr(mapped(address)), ipi6_ifindex: 0 };
                write_control(header, libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, info);
            }
            (Family::V4, IpAddr::V6(_)) => {
                header.msg_control = ptr::null_mut();
                header.msg_controllen = 0;
            }
        }
    }
}

fn write_control<T>(header: &mut libc::msghdr, level: libc::c_int, kind: libc::c_int, info: T) {
    let size = mem::size_of::<T>() as libc::c_uint;
    // SAFETY: the control block has CONTROL_BYTES, more than CMSG_SPACE of either packet information,
    // and is aligned for cmsghdr.
    unsafe {
        let message = libc::CMSG_FIRSTHDR(header);
        (*message).cmsg_level = level;
        (*message).cmsg_type = kind;
        (*message).cmsg_len = libc::CMSG_LEN(size) as _;
        ptr::write_unaligned(libc::CMSG_DATA(message).cast(), info);
        header.msg_controllen = libc::CMSG_SPACE(size) as _;
    }
}

fn local_address(header: &libc::msghdr) -> Option<IpAddr> {
    // SAFETY: the kernel has written the control block that the header names; the CMSG functions stay
    // inside its length.
    unsafe {
        let mut message = libc::CMSG_FIRSTHDR(header);
        while !message.is_null() {
            let data = libc::CMSG_DATA(message);
            match ((*message).cmsg_level, (*message).cmsg_type) {
                (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                    let info: libc::in_pktinfo = ptr::read_unaligned(data.cast());
                    return Some(IpAddr::V4(Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr))));
                }
                (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                    let info: libc::in6_pktinfo = ptr::read_unaligned(data.cast());
                    return Some(IpAddr::V6(Ipv6Addr::from(info.ipi6_addr.s6_addr)).to_canonical());
                }
                _ => message = libc::CMSG_NXTHDR(header, message),
            }
        }
    }
    None
}

fn in_addr(address: Ipv4Addr) -> libc::in_addr {
    libc::in_addr { s_addr: u32::from(address).to_be() }
}

fn in6_addr(address: Ipv6Addr) -> libc::in6_addr {
    libc::in6_addr { s6_addr: address.octets() }
}

fn mapped(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

fn write_name(name: &mut libc::sockaddr_storage, address: SocketAddr, family: Family) -> libc::socklen_t {
    match (family, address) {
        (Family::V4, SocketAddr::V4(address)) => {
            let mut v4: libc::sockaddr_in = zeroed();
            v4.sin_family = libc::AF_INET as libc::sa_family_t;
            v4.sin_port = address.port().to_be();
            v4.sin_addr = in_addr(*address.ip());
            // SAFETY: sockaddr_storage has room and alignment for every address family.
            unsafe { ptr::write(ptr::from_mut(name).cast(), v4) };
            mem::size_of::<libc::sockaddr_in>() as libc::socklen_t
        }
        (_, address) => {
            let scope = match address {
                SocketAddr::V4(_) => 0,
                SocketAddr::V6(address) => address.scope_id(),
            };
            let mut v6: libc::sockaddr_in6 = zeroed();
            v6.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            v6.sin6_port = address.port().to_be();
            v6.sin6_addr = in6_addr(mapped(address.ip()));
            v6.sin6_scope_id = scope;
            // SAFETY: as above.
            unsafe { ptr::write(ptr::from_mut(name).cast(), v6) };
            mem::size_of::<libc::sockaddr_in6>() as libc::socklen_t
        }
    }
}

fn read_name(name: &libc::sockaddr_storage) -> Option<SocketAddr> {
    match libc::c_int::from(name.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says which structure the kernel wrote.
            let v4: libc::sockaddr_in = unsafe { ptr::read(ptr::from_ref(name).cast()) };
            let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
            Some(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let v6: libc::sockaddr_in6 = unsafe { ptr::read(ptr::from_ref(name).cast()) };
            let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
            let port = u16::from_be(v6.sin6_port);
            Some(match ip.to_ipv4_mapped() {
                Some(ip) => SocketAddrV4::new(ip, port).into(),
                None => SocketAddrV6::new(ip, port, 0, v6.sin6_scope_id).into(),
            })
        }
        _ => None,
    }
}

/// Waits until the socket or the wake-up has something, or the time is over. True when it is the wake-up.
///
/// # Errors
/// What the kernel says; an interruption is no error.
pub fn wait(socket: &VoiceSocket, wake: RawFd, timeout: Option<std::time::Duration>) -> io::Result<bool> {
    let mut fds = [
        libc::pollfd { fd: socket.raw_fd(), events: libc::POLLIN, revents: 0 },
        libc::pollfd { fd: wake, events: libc::POLLIN, revents: 0 },
    ];
    let time = timeout.map(|timeout| libc::timespec {
        tv_sec: timeout.as_secs() as libc::time_t,
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: two descriptors that live through the call, and a time or null.
    let ready = unsafe { libc::ppoll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, time, ptr::null()) };
    if ready < 0 {
        let error = io::Error::last_os_error();
        return if error.kind() == io::ErrorKind::Interrupted { Ok(false) } else { Err(error) };
    }
    Ok(fds[1].revents != 0)
}

/// A descriptor that becomes readable when somebody calls [`WakeUp::raise`].
pub struct WakeUp {
    fd: OwnedFd,
}

impl WakeUp {
    /// Opens it.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn new() -> io::Result<Self> {
        // SAFETY: plain system call; the result is checked.
        let raw = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if raw < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `raw` was just opened and belongs to nobody else.
        Ok(Self { fd: unsafe { OwnedFd::from_raw_fd(raw) } })
    }

    /// For `poll(2)`.
    pub fn raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Makes it readable.
    pub fn raise(&self) {
        let one = 1u64;
        // SAFETY: eight bytes are read from `one`. A full counter is readable already.
        unsafe { libc::write(self.fd.as_raw_fd(), ptr::from_ref(&one).cast(), 8) };
    }

    /// Makes it unreadable again.
    pub fn clear(&self) {
        let mut count = 0u64;
        // SAFETY: eight bytes are written to `count`. Nothing to read is no error here.
        unsafe { libc::read(self.fd.as_raw_fd(), ptr::from_mut(&mut count).cast(), 8) };
    }
}

impl std::task::Wake for WakeUp {
    fn wake(self: std::sync::Arc<Self>) {
        self.raise();
    }

    fn wake_by_ref(self: &std::sync::Arc<Self>) {
        self.raise();
    }
}

/// Clients of engines: how to find out what one is, and how to have it do work.
///
/// {@link dev.tutti.backends.Transport} is the port: {@link dev.tutti.backends.DirectHttp} here, an
/// agent's tunnel in link. {@link dev.tutti.backends.HttpEngine} makes an engine for dispatch out
/// of a transport and a dialect; {@link dev.tutti.backends.Prober} finds out what an engine is, and
/// a {@link dev.tutti.backends.Watcher} keeps asking; {@link dev.tutti.backends.AddressKeys} tells
/// whether two addresses are one engine. Called by link, discovery's caller and app; calls core,
/// fleet, dialects and dispatch's engine port.
@NullMarked
package dev.tutti.backends;

import org.jspecify.annotations.NullMarked;

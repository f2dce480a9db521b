/// Clients of engines: how to find out what one is, and how to have it do work.
///
/// {@link dev.tutti.backends.Transport} is the port: direct HTTP here, an agent's tunnel in link.
/// Called by link, discovery's caller and app; calls core, fleet, dialects and dispatch's engine
/// port.
@NullMarked
package dev.tutti.backends;

import org.jspecify.annotations.NullMarked;

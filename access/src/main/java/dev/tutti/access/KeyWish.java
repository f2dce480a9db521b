package dev.tutti.access;

import java.time.Instant;
import java.util.Optional;

/// What a new key is to be.
///
/// @param name what its owner calls it
/// @param rights what it lets its holder do
/// @param address the one address whose clients need no key but are taken for its holder
/// @param expiresAt when it ends by itself, if it does
public record KeyWish(
    String name, Rights rights, Optional<PeerAddress> address, Optional<Instant> expiresAt) {}

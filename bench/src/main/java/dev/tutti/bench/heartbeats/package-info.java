/// What many machines that only say that they are there cost a hub: a real hub in a process of its
/// own, and the link's own agents in this one.
@NullMarked
package dev.tutti.bench.heartbeats;

import org.jspecify.annotations.NullMarked;

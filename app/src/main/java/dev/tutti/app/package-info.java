/// The only main, and the only place where rooms are wired together, by hand.
///
/// {@link dev.tutti.app.Hub} is the map of the hub's process, {@link dev.tutti.app.Agent} that of
/// an agent's; the command line is in `cli`. Nobody calls this room.
@NullMarked
package dev.tutti.app;

import org.jspecify.annotations.NullMarked;

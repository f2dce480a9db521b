/// What fuzzing calls of the room discovery: its readers are the room's own and stay so, which is
/// why this stands in the room's package. Nothing here is part of a hub.
@NullMarked
package dev.tutti.discovery;

import org.jspecify.annotations.NullMarked;

/// Tests of the room.
@NullMarked
package dev.tutti.access;

import org.jspecify.annotations.NullMarked;

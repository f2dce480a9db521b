/// The hub's end of the link: who may join, who is there, and a transport through each free slot.
///
/// {@link dev.tutti.link.hub.HubLink} listens on a loop of its own; everything it tells happens on
/// the owner's. {@link dev.tutti.link.hub.Enrolment} decides who may join. Called by app.
@NullMarked
package dev.tutti.link.hub;

import org.jspecify.annotations.NullMarked;

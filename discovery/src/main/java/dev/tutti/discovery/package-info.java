/// Finding hubs and engines: suggestions, never trust.
///
/// {@link dev.tutti.discovery.LocalEngines} says at which ports of this machine an engine may
/// listen; {@link dev.tutti.discovery.MdnsAdvert} tells the LAN where a hub is, and {@link
/// dev.tutti.discovery.MdnsSearch} hears it. Whoever follows a suggestion has to find out for
/// itself whom it speaks to. Called by app; calls core only.
@NullMarked
package dev.tutti.discovery;

import org.jspecify.annotations.NullMarked;

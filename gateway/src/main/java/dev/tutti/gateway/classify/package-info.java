/// What kind of work a request is and how hard, told from the request itself: pure rules over a
/// bounded part of its text. Any thread. Called by the gateway; calls dialects and dispatch.
@NullMarked
package dev.tutti.gateway.classify;

import org.jspecify.annotations.NullMarked;

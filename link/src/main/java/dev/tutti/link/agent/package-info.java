/// The agent's end of the link: it dials, beats, and offers one stream per slot.
///
/// {@link dev.tutti.link.agent.AgentLink} keeps the connections; {@link
/// dev.tutti.link.agent.EngineAllowList} says what a hub may ask an engine; {@link
/// dev.tutti.link.agent.AgentEnrolment} joins a hub for the first time. Called by app.
@NullMarked
package dev.tutti.link.agent;

import org.jspecify.annotations.NullMarked;

/// The command line: a client of a running hub, over HTTP, and the door to the processes.
///
/// Start with {@link dev.tutti.app.cli.Cli}. Everything a command needs comes in as a parameter
/// ({@link dev.tutti.app.cli.Streams}, {@link dev.tutti.app.cli.Environment}, {@link
/// dev.tutti.app.cli.Processes}), so a test runs a command in its own process. Data goes to
/// standard output, the rest to standard error. Called by `app` only; it knows nothing of the hub
/// but its HTTP API.
@NullMarked
package dev.tutti.app.cli;

import org.jspecify.annotations.NullMarked;

package dev.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// `tutti` itself: the flags that every command has.
@Command(
    name = "tutti",
    synopsisHeading = "Usage: ",
    description = "One endpoint in front of every AI machine you own.",
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0 ok             1 failed              2 usage",
      "  3 environment    4 auth                5 degraded",
      "  6 down, or no such thing               7 approval needed",
      "  8 timeout, or the queue is full",
      "",
      "Each option NAME may also come from the environment as TUTTI_NAME.",
      "'tutti COMMAND --help' tells more about a command."
    })
final class RootCommand {
  static final String DEFAULT_URL = "http://127.0.0.1:8765";

  @Option(
      names = "--url",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description = "The hub to talk to. Default: " + DEFAULT_URL + ".")
  String url = DEFAULT_URL;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      scope = ScopeType.INHERIT,
      description = {
        "The key to show to the hub: the key itself, or better where it is, since others on this",
        "machine can see arguments: env:NAME, file:PATH, or keychain:NAME."
      })
  String key = "";

  @Option(
      names = "--home",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "Where all state lives.")
  String home = "";

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print one JSON document; where output streams, one per line.")
  boolean json;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Print this help.")
  boolean help;
}

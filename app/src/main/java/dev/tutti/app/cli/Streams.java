package dev.tutti.app.cli;

import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Optional;

/// The three standard streams of one command.
///
/// @param in what is typed or piped in
/// @param out data only
/// @param err everything else: notes, questions, errors
/// @param terminal whether a person sits at both ends, so that colour and redrawing make sense
public record Streams(InputStream in, PrintStream out, PrintStream err, boolean terminal) {

  /// Bytes gathered before a write to standard output; commands flush after each result.
  private static final int OUT_BUFFER_BYTES = 8_192;

  /// The streams of this process.
  public static Streams ofProcess() {
    boolean isTerminal =
        Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    var charset = Charset.forName(System.getProperty("stdout.encoding", "UTF-8"));
    var out =
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), OUT_BUFFER_BYTES),
            false,
            charset);
    return new Streams(System.in, out, System.err, isTerminal);
  }
}

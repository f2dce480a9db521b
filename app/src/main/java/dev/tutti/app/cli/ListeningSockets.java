package dev.tutti.app.cli;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The TCP ports that somebody on this machine listens on, as Linux tells in `/proc`.
final class ListeningSockets {
  /// Column of the local address in `/proc/net/tcp`.
  private static final int ADDRESS = 1;

  /// Column of the state.
  private static final int STATE = 3;

  /// Column of the inode.
  private static final int INODE = 9;

  private static final String LISTEN = "0A";

  private final Path proc;

  ListeningSockets(Path proc) {
    this.proc = proc;
  }

  /// One listening socket.
  ///
  /// @param port its port
  /// @param reach who can connect
  /// @param inode its number, by which its process is found
  record Socket(int port, Reach reach, String inode) {}

  /// Who can connect to a socket.
  enum Reach {
    /// This machine only.
    LOOPBACK,
    /// Whoever reaches one of the machine's addresses.
    ONE_ADDRESS,
    /// Whoever reaches the machine at all.
    EVERYWHERE
  }

  /// All of them; none where `/proc` is missing.
  List<Socket> all() {
    var sockets = new ArrayList<Socket>();
    for (var table : List.of("net/tcp", "net/tcp6")) {
      try (var lines = Files.lines(proc.resolve(table))) {
        lines.skip(1).map(ListeningSockets::parse).flatMap(Optional::stream).forEach(sockets::add);
      } catch (IOException _) {
        // A machine without IPv6 has no such table, and other systems have neither.
      }
    }
    return List.copyOf(sockets);
  }

  /// The process that has a socket, as `name (pid N)`; nothing when it is somebody else's and
  /// hidden from us.
  Optional<String> owner(Socket socket) {
    var target = "socket:[" + socket.inode() + "]";
    try (var processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (var process : processes) {
        if (has(process, target)) {
          var name = Files.readString(process.resolve("comm")).strip();
          return Optional.of(name + " (pid " + process.getFileName() + ")");
        }
      }
    } catch (IOException | DirectoryIteratorException _) {
      // Not knowing who it is does not change that the port is taken.
    }
    return Optional.empty();
  }

  private static boolean has(Path process, String target) {
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      return files.anyMatch(file -> isLink(file, target));
    } catch (IOException _) {
      return false;
    }
  }

  private static boolean isLink(Path file, String target) {
    try {
      return Files.readSymbolicLink(file).toString().equals(target);
    } catch (IOException _) {
      return false;
    }
  }

  private static Optional<Socket> parse(String line) {
    var columns = line.strip().split("\\s+", -1);
    if (columns.length <= INODE || !columns[STATE].equals(LISTEN)) {
      return Optional.empty();
    }
    int colon = columns[ADDRESS].indexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    var address = columns[ADDRESS].substring(0, colon);
    int port = HexFormat.fromHexDigits(columns[ADDRESS], colon + 1, columns[ADDRESS].length());
    return Optional.of(new Socket(port, reach(address), columns[INODE]));
  }

  /// Addresses are words of four bytes, each in the order of the machine: little-endian on all that
  /// we run on.
  private static Reach reach(String hex) {
    if (hex.chars().allMatch(digit -> digit == '0')) {
      return Reach.EVERYWHERE;
    }
    boolean isV4 = hex.length() == 8 || hex.startsWith("0000000000000000FFFF0000");
    boolean isLoopback = isV4 ? hex.endsWith("7F") : hex.equals("00000000000000000000000001000000");
    return isLoopback ? Reach.LOOPBACK : Reach.ONE_ADDRESS;
  }
}

package dev.tutti.store.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// Where the files of one log lie: all in one directory that only its owner may enter.
record AuditPaths(Path directory) {
  private static final String NAME = "audit";

  /// The log of a hub with that home.
  static AuditPaths in(Path home) {
    return new AuditPaths(home.resolve(NAME));
  }

  /// The logs of that home that were set aside, oldest first.
  static List<AuditPaths> setAside(Path home) {
    var found = new ArrayList<AuditPaths>();
    for (int i = 1; i <= AuditFileLimits.MAX_SET_ASIDE; i++) {
      Path directory = home.resolve(NAME + "." + i);
      if (!Files.isDirectory(directory)) {
        break;
      }
      found.add(new AuditPaths(directory));
    }
    return found;
  }

  /// The home it belongs to.
  Path home() {
    Path parent = directory.toAbsolutePath().getParent();
    return parent == null ? directory : parent;
  }

  Path log() {
    return directory.resolve("log");
  }

  Path heads() {
    return directory.resolve("heads");
  }

  Path key() {
    return directory.resolve("key");
  }

  Path publicKey() {
    return directory.resolve("key.pub");
  }

  Path salt() {
    return directory.resolve("salt");
  }

  Path lock() {
    return directory.resolveSibling(NAME + ".lock");
  }

  void create() throws IOException {
    Files.createDirectories(directory);
    if (posix()) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /// Makes room for a new log.
  ///
  /// @return where the old one is now
  Path moveAside() throws IOException {
    int number = setAside(home()).size() + 1;
    if (number > AuditFileLimits.MAX_SET_ASIDE) {
      throw new IOException("too many logs were set aside");
    }
    Path aside = directory.resolveSibling(NAME + "." + number);
    Files.move(directory, aside);
    return aside;
  }

  /// What a file is made with that only its owner may read.
  FileAttribute<?>[] ownersOnly() {
    return posix()
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private boolean posix() {
    return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}

package dev.tutti.dispatch;

import dev.tutti.dispatch.predict.Pace;
import java.util.Arrays;

/// What an engine still has to read and to write for others while somebody is served: the work of
/// those who share it. Mutable while it is put together, by one play only.
///
/// Streams that an engine reads at the same time get on evenly, and so do those that it writes: so
/// of a longer one only as much comes in between as the shorter one is long.
final class Company {
  /// Tokens of a prompt that engines read between two steps in which each answer grows by one.
  static final double CHUNK = 512;

  /// Nobody.
  static final Company NONE = new Company(0);

  private double[] read;
  private double[] write;
  private int size;

  Company(int room) {
    this.read = new double[room];
    this.write = new double[room];
  }

  void add(double readLeft, double writeLeft) {
    if (size == read.length) {
      read = Arrays.copyOf(read, Math.max(4, 2 * size));
      write = Arrays.copyOf(write, read.length);
    }
    read[size] = readLeft;
    write[size] = writeLeft;
    size++;
  }

  /// Tokens that are read for others while so many of one's own are.
  double readWithin(double own) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += Math.min(own, read[i]);
    }
    return sum;
  }

  /// Tokens that are still to be read for others after that.
  double readBeyond(double own) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += Math.max(0, read[i] - own);
    }
    return sum;
  }

  /// Tokens that are written for others while so many of one's own are.
  double writtenWithin(double own) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += Math.min(own, write[i]);
    }
    return sum;
  }

  /// By how much these others come to their ends later because of one more, in milliseconds all
  /// together, who reads and writes so many tokens.
  double harm(Pace pace, double read, double write) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      double among = Math.min(read, this.read[i]);
      sum += pace.readMillis(0, among, 0);
      double later = Math.min(read - among, CHUNK * this.write[i]);
      sum += pace.writeMillis(0, later, Math.min(write, this.write[i]));
    }
    return sum;
  }

  /// Time of the engine that is saved because so many tokens are written together with these
  /// others' and not after them, in milliseconds.
  double saving(Pace pace, double write) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      double together = Math.min(write, this.write[i]);
      sum += pace.writeMillis(together, 0, 0) - pace.writeMillis(0, 0, together);
    }
    return Math.max(0, sum);
  }
}

package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendView;

/// What who asked may use, and how much of it is theirs. Compared by value: tasks under equal
/// licences may stand for each other in the queue.
public interface Licence {
  /// Everything, and as much as everybody else.
  Licence ANY =
      new Licence() {
        @Override
        public String bar(ModelName model, BackendView backend) {
          return "";
        }

        @Override
        public double weight() {
          return 1;
        }
      };

  /// Why that model may not answer there, in a few words; empty when it may.
  String bar(ModelName model, BackendView backend);

  /// The share of who asked where several want the same machines: 2 is twice that of 1.
  double weight();
}

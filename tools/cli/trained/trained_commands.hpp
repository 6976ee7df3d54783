#pragma once

#include <functional>
#include <map>
#include <string>

#include "cli/commands.hpp"

namespace CLI {
class App;
}

namespace varia::cli {

/// The commands that use the model of one trial: sample, traverse, interpolate, reconstruct,
/// encode.
class TrainedCommands {
 public:
  /// Defines them; each sets `action` when it is chosen. Both and this outlive the parsing.
  void add_to(CLI::App& app, std::function<int()>& action);

 private:
  std::map<std::string, DrawOptions> draw_;  // by command
  EncodeOptions encode_;
};

}  // namespace varia::cli

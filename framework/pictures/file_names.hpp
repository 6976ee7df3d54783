#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::pictures {

/// For each trial a name that tells it from the others: its swept parameters and its replicate,
/// "loss.beta=4,model.latent=20,replicate=0"; its id if nothing is swept. Characters other than
/// A-Z a-z 0-9 . + - _ become _. The id follows a name that is too long or not unique.
/// The names depend on the whole file, so what is exported later has the same.
std::vector<std::string> trial_names(const results::Results& results);

/// Gives every file a name of its own, also if upper and lower case are the same.
class FileNames {
 public:
  /// @returns `stem` + `ending`; if that is taken, with _2, _3, ... between them
  std::string claim(const std::string& stem, const std::string& ending);

 private:
  std::set<std::string> taken_;         // in lower case
  std::map<std::string, int> numbers_;  // the last one given to a name
};

}  // namespace varia::pictures

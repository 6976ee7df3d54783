#include <fmt/format.h>

#include <limits>

#include "cli/commands.hpp"
#include "cli/results/results_table.hpp"

namespace varia::cli {

int show(const ShowOptions& options) {
  const auto results = results::open_results(options.file);
  const auto listing = make_listing(results, options.metric, options.order);
  const auto limit =
      options.all || options.json ? std::numeric_limits<std::size_t>::max() : options.limit;
  if (options.json)
    fmt::print("{}\n", results_json(results, listing, limit));
  else
    fmt::print("{}", results_text(results, listing, limit));
  return kAllDone;
}

}  // namespace varia::cli

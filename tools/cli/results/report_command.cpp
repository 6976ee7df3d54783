#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/file_arguments.hpp"
#include "pages/report/write_report.hpp"
#include "results/merged/results.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

void check_given_once(const std::vector<std::string>& files) {
  for (auto file = files.begin(); file != files.end(); ++file) {
    std::error_code absent;
    for (auto other = files.begin(); other != file; ++other)
      if (std::filesystem::equivalent(*file, *other, absent))
        throw ConfigError(*file + " is given twice; its trials would count twice");
  }
}

}  // namespace

int report(const ReportOptions& options) {
  if (options.output == "-")
    throw ConfigError("--output: expected the name of a file, found '-'; a page is not printed");
  check_given_once(options.files);
  std::vector<results::Results> files;
  files.reserve(options.files.size());
  for (const auto& file : options.files) files.push_back(results::open_results(file));
  const auto path = options.output.empty()
                        ? std::filesystem::path(options.files.front()).replace_extension(".html")
                        : std::filesystem::path(options.output);
  check_text_output("--output", path.string(), options.files);
  const auto summary = report::write_report(
      files, path.string(), static_cast<std::uint64_t>(options.picture_megabytes * 1e6));
  if (options.json) {
    const nlohmann::json document = {{"file", path.string()},
                                     {"bytes", summary.bytes},
                                     {"trials", summary.trials},
                                     {"pictures", summary.pictures},
                                     {"pictures_left_out", summary.pictures_left_out}};
    fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return kAllDone;
  }
  fmt::print("{}: {} trials, {} pictures, {:.1f} MB\n", path.string(), summary.trials,
             summary.pictures, static_cast<double>(summary.bytes) / 1e6);
  if (summary.pictures_left_out > 0)
    fmt::print("{} pictures did not fit into {} MB and were left out (--pictures)\n",
               summary.pictures_left_out, options.picture_megabytes);
  return kAllDone;
}

}  // namespace varia::cli

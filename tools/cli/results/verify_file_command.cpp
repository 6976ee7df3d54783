#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/commands.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/help_text.hpp"
#include "cli/options.hpp"
#include "cli/terminal/text.hpp"
#include "results/file_frame.hpp"

namespace varia::cli {

namespace {

int verify_file(const std::string& path) {
  results::require_intact(path, "Its content cannot be relied on.");
  read_everything(path);
  const bool is_known = results::is_intact(path).has_value();
  fmt::print("{}: {}\n", printable(path),
             is_known ? "all bytes are those that were written, and all values can be read"
                      : "all values can be read, but there is no checksum: another program has "
                        "written to it");
  return is_known ? kAllDone : kSomeFailed;
}

}  // namespace

void add_verify_file(CLI::App& app, Action& action) {
  const auto path = std::make_shared<std::string>();
  auto* command = app.add_subcommand(
      "verify-file", "Compare a results file with its checksum, and read all that it holds");
  take_results_files(
      *command->add_option("file", *path, "A merged file, a trial's file or one of parameters")
           ->required()
           ->type_name("FILE.h5"));
  set_exit_codes(*command, {{kAllDone, "all bytes are those that were written"},
                            {kSomeFailed, "another program has written to the file"},
                            {kWrong, "it is damaged, or the call is wrong"}});
  command->callback([path, &action] {
    action = [path] { return read_named({*path}, [path] { return verify_file(*path); }); };
  });
}

}  // namespace varia::cli

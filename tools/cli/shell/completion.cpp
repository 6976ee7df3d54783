#include "cli/shell/completion.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "analysis/settings.hpp"
#include "cli/file_arguments.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/shell/declared_option.hpp"
#include "cli/shipped_files.hpp"
#include "cli/workspace.hpp"
#include "experiment/experiment.hpp"
#include "experiment/schema.hpp"
#include "files/folder_entries.hpp"
#include "results/merged/results.hpp"

namespace varia::cli {

namespace {

namespace fs = std::filesystem;

using Completions = std::vector<Completion>;

/// A command line as far as it is written.
struct Line {
  const CLI::App* command = nullptr;
  std::string word;                    ///< to complete
  const CLI::Option* value = nullptr;  ///< that the word is the value of; null: an option's name
  std::string experiment, results;     ///< files that stand on the line; empty: none
};

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// Null if there is no such command.
const CLI::App* command_of(const CLI::App& app, const std::string& name) {
  const auto all = commands_of(app);
  const auto found = std::ranges::find(all, name, [](const auto* one) { return one->get_name(); });
  return found == all.end() ? nullptr : *found;
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

bool is_results_type(const std::string& type) { return type.ends_with(".h5"); }

Line read_line(const CLI::App& command, const std::vector<std::string>& words) {
  Line line{.command = &command, .word = words.back()};
  const auto positionals = positionals_of(command);
  std::size_t place = 0;
  const auto next_positional = [&]() -> const CLI::Option* {
    if (positionals.empty()) return nullptr;
    return positionals[std::min(place, positionals.size() - 1)];
  };
  const auto take = [&](const CLI::Option* option, const std::string& word) {
    if (option == nullptr) return;
    const auto type = value_type(*option);
    if (type == "EXPERIMENT.yaml" && line.experiment.empty()) line.experiment = word;
    if (is_results_type(type) && line.results.empty()) line.results = results_path(word);
  };
  const CLI::Option* pending = nullptr;  // waits for its value
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    const auto& word = words[i];
    if (pending != nullptr) {
      take(pending, word);
      pending = nullptr;
    } else if (word.starts_with('-') && word.size() > 1) {
      const auto* option = command.get_option_no_throw(word.substr(0, word.find('=')));
      const bool has_value = word.find('=') != std::string::npos;
      if (option != nullptr && takes_value(*option) && !has_value) pending = option;
    } else {
      take(next_positional(), word);
      ++place;
    }
  }
  if (pending != nullptr)
    line.value = pending;
  else if (!line.word.starts_with('-'))
    line.value = next_positional();
  return line;
}

Completions names_of_options(const CLI::App& command) {
  Completions found;
  for (const auto* option : command.get_options())
    for (const auto& name : option->get_lnames())
      found.push_back({"--" + name, option->get_description()});
  return found;
}

/// Folders, and files of an ending, whose path begins with the word.
Completions paths(const std::string& word, const std::string& ending) {
  const auto slash = word.rfind('/');
  const auto folder = slash == std::string::npos ? "" : word.substr(0, slash + 1);
  Completions found;
  std::error_code error;
  for (const auto& entry : files::folder_entries(folder.empty() ? "." : folder, error)) {
    const auto name = entry.path().filename().string();
    std::error_code unknown;
    const bool is_hidden = name.starts_with('.');
    if (is_hidden) continue;
    if (entry.is_directory(unknown))
      found.push_back({folder + name + "/", ""});
    else if (name.ends_with(ending))
      found.push_back({folder + name, ""});
  }
  return found;
}

/// The experiments that have results.
Completions names_of_results() {
  Completions found;
  for (const auto& file : paths("results/", ".h5"))
    if (file.text.ends_with(".h5"))
      found.push_back({fs::path(file.text).stem().string(), file.text});
  return found;
}

/// What a results file has, read in a process of its own.
Completions of_results(const Line& line,
                       const std::function<Completions(const results::Results&)>& read) {
  if (line.results.empty()) return {};
  const auto text = text_read_guarded({line.results}, [&] {
    std::string lines;
    for (const auto& one : read(results::open_results(line.results)))
      lines += one.text + "\t" + one.doc + "\n";
    return lines;
  });
  Completions found;
  std::istringstream lines(text);
  for (std::string one; std::getline(lines, one);) {
    const auto tab = one.find('\t');
    found.push_back({one.substr(0, tab), one.substr(tab + 1)});
  }
  return found;
}

Completions metrics(const results::Results& results) {
  Completions found;
  for (const auto& metric : results.metrics()) found.push_back({metric.name, metric.info.units});
  return found;
}

Completions views(const results::Results& results) {
  Completions found;
  for (const auto& view : results.views()) found.push_back({view.name, ""});
  for (const auto& name : results.points()) found.push_back({name, "scatter plots"});
  return found;
}

Completions keys(const results::Results& results) {
  Completions found;
  for (const auto& key : analysis::setting_keys(results).keys) found.push_back({key, ""});
  for (const auto& note : results.notes()) found.push_back({note.key, ""});
  return found;
}

/// KEY=VALUE of what differs between trials.
Completions choices(const results::Results& results) {
  std::set<std::string> texts;
  for (const auto& key : analysis::setting_keys(results).keys)
    for (std::size_t row = 0; row < results.size(); ++row)
      texts.insert(key + "=" + analysis::parameter_column(results, key).text(row));
  Completions found;
  for (const auto& text : texts) found.push_back({text, ""});
  return found;
}

Completions trials(const results::Results& results) {
  Completions found;
  const auto all = analysis::setting_keys(results).keys;
  for (std::size_t row = 0; row < results.size(); ++row) {
    std::vector<std::string> values;
    for (const auto& key : all)
      values.push_back(analysis::parameter_column(results, key).text(row));
    found.push_back({results.trials()[row].id, analysis::setting_name(all, values)});
  }
  return found;
}

Completions components(const std::string& kind) {
  const Workspace workspace;
  Completions found;
  for (const auto* component : workspace.registry.list(kind))
    found.push_back({component->name, component->doc});
  return found;
}

/// The experiments of `varia verify`: those that come with the program, and files.
Completions published(const std::string& word) {
  auto found = paths(word, ".yaml");
  for (const auto& file : published_experiments()) found.push_back({file.stem().string(), ""});
  return found;
}

Completions kinds() {
  Completions found;
  for (const auto& kind : component_kinds()) found.push_back({kind, ""});
  return found;
}

/// The words that a schema takes.
void add_words(const Value& schema, const std::string& prefix, Completions& found) {
  const auto add = [&](const Value& value) {
    if (value.is_scalar()) found.push_back({prefix + value.text(), ""});
  };
  if (const Value* words = schema.find("enum"))
    for (const auto& word : words->items()) add(word);
  if (const Value* type = schema.find("type"); type != nullptr && type->text() == "boolean")
    for (const bool truth : {false, true}) add(Value::boolean(truth));
  if (const Value* value = schema.find("default"); value != nullptr && found.empty()) add(*value);
  for (const char* keyword : {"anyOf", "allOf"})
    if (const Value* parts = schema.find(keyword))
      for (const auto& part : parts->items()) add_words(part, prefix, found);
  if (const Value* otherwise = schema.find("else")) add_words(*otherwise, prefix, found);
}

/// Whether a key is inside another one that takes a value itself, as "loss.beta.epochs" is inside
/// "loss.beta", and the word does not lead there.
bool is_hidden(const std::string& key, const Value& keys, const std::string& word) {
  auto dot = key.find('.');
  while (dot != std::string::npos && (dot = key.find('.', dot + 1)) != std::string::npos)
    if (keys.find(key.substr(0, dot)) != nullptr && !word.starts_with(key.substr(0, dot + 1)))
      return true;
  return false;
}

/// KEY=VALUE of an experiment's sweep: what --only takes.
Completions swept_values(const Line& line) {
  const auto experiment = experiment::read_experiment(line.experiment);
  Completions found;
  if (const Value* sweep = experiment.tree.find("sweep"); sweep != nullptr && sweep->is_map())
    for (const auto& axis : sweep->entries()) {
      if (axis.value.is_list())
        for (const auto& value : axis.value.items())
          if (value.is_scalar()) found.push_back({axis.key + "=" + value.text(), ""});
      if (axis.value.is_map())  // named variants
        for (const auto& variant : axis.value.entries())
          found.push_back({axis.key + "=" + variant.key, ""});
    }
  for (std::int64_t replicate = 0; replicate < experiment.replicates; ++replicate)
    found.push_back({"replicate=" + std::to_string(replicate), ""});
  return found;
}

/// KEY=VALUE of an experiment.
Completions overrides(const Line& line) {
  if (line.command->get_option_no_throw("experiment") == nullptr) return {};
  Workspace workspace;
  Value tree;
  try {
    const auto experiment = experiment::read_experiment(line.experiment);
    load_plugins(experiment, workspace.host);
    tree = experiment.tree;
  } catch (const Error&) {
    // Keys of any component, then.
  }
  const auto keys = experiment::override_keys(workspace.registry, tree);
  const auto equals = line.word.find('=');
  Completions found;
  if (equals == std::string::npos) {
    for (const auto& entry : keys.entries()) {
      if (is_hidden(entry.key, keys, line.word)) continue;
      const Value* doc = entry.value.find("description");
      found.push_back({entry.key + "=", doc != nullptr ? doc->text() : ""});
    }
    return found;
  }
  const auto key = line.word.substr(0, equals);
  const auto add_components = [&](const std::string& kind) {
    for (const auto* component : workspace.registry.list(kind))
      found.push_back({key + "=" + component->name, component->doc});
  };
  for (const auto& section : experiment::kComponentSections)
    if (key == std::string(section.key) + ".use") {
      add_components(section.kind);
      return found;
    }
  const Value* schema = keys.find(key);
  if (schema == nullptr) return {};
  const Value* parts = schema->find("allOf");
  const Value* reference = parts != nullptr ? parts->items().front().find("$ref") : nullptr;
  if (reference != nullptr) {
    add_components(reference->text().substr(reference->text().rfind('/') + 1));
  } else {
    add_words(*schema, key + "=", found);
  }
  return found;
}

Completions values(const Line& line, const CLI::Option& option) {
  Completions allowed;
  for (const auto& word : allowed_words(option)) allowed.push_back({word, ""});
  if (!allowed.empty()) return allowed;
  const auto type = value_type(option);
  if (type == "EXPERIMENT.yaml") return paths(line.word, ".yaml");
  if (type == "FILE.so") return paths(line.word, ".so");
  if (type == "NAME") return names_of_results();
  if (type == "SPLIT/NAME") return of_results(line, metrics);
  if (type == "VIEW") return of_results(line, views);
  if (type == "KEY") return of_results(line, keys);
  if (type.starts_with("ID|ROW")) return of_results(line, trials);
  if (type == "WHAT") return swept_values(line);
  if (type == "TRIAL|KEY=VALUE") {
    auto found = of_results(line, choices);
    std::ranges::move(of_results(line, trials), std::back_inserter(found));
    return found;
  }
  if (type == "PUBLISHED") return published(line.word);
  if (type == "KIND") return kinds();
  if (type == "COMPONENT") return components("");
  if (type == "KEY=VALUE") return overrides(line);
  if (is_results_type(type)) {
    auto found = names_of_results();
    std::ranges::move(paths(line.word, ".h5"), std::back_inserter(found));
    return found;
  }
  return {};
}

}  // namespace

Completions completions(const CLI::App& app, const std::vector<std::string>& words) {
  const auto word = words.empty() ? "" : words.back();
  Completions found;
  if (words.size() <= 1) {
    found = names_of_options(app);
    for (const auto* command : commands_of(app))
      if (!command->get_group().empty())  // else it is hidden
        found.push_back({command->get_name(), command->get_description()});
  } else if (const auto* command = command_of(app, words.front())) {
    try {
      const auto line = read_line(*command, words);
      found = line.value != nullptr ? values(line, *line.value) : names_of_options(*command);
    } catch (const Error&) {
      return {};
    }
  }
  std::erase_if(found, [&](const auto& one) { return !one.text.starts_with(word); });
  std::ranges::stable_sort(found, {}, &Completion::text);
  return found;
}

}  // namespace varia::cli

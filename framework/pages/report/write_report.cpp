#include "pages/report/write_report.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "files/whole_file.hpp"
#include "pages/report/chart_library.hpp"
#include "pages/report/html.hpp"
#include "pages/report/page_files.hpp"
#include "pages/report/report_data.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::report {

namespace {

namespace fs = std::filesystem;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// Puts `content` in the place of the one `<!--NAME-->` of a template.
void put(std::string& page, const std::string& name, const std::string& content) {
  const auto mark = "<!--" + name + "-->";
  const auto place = page.find(mark);
  if (place == std::string::npos) throw Error("the page of the report has no place for " + name);
  page.replace(place, mark.size(), content);
}

/// A script as a Content-Security-Policy names it: 'sha256-<base64>'.
std::string policy_source(std::string_view script) {
  Sha256 hash;
  hash.update(script);
  const auto digits = hash.digest();
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return "'sha256-" + base64(bytes) + "'";
}

struct Parts {
  std::string page;
  std::string styles;
  std::string scripts;
  std::string sources;  ///< of the policy
  std::string icon;
};

void add_script(Parts& parts, std::string_view script) {
  parts.scripts += "<script>" + std::string(script) + "</script>\n";
  parts.sources += " " + policy_source(script);
}

/// The page's own files. Scripts that are not of these, whatever brings them in, do not run.
Parts page_parts(const ChartLibrary& charts) {
  Parts parts;
  add_script(parts, charts.script);
  for (const auto& file : page_files()) {
    if (file.path == "/")
      parts.page = file.content;
    else if (ends_with(file.path, ".css"))
      parts.styles += "<style>" + std::string(file.content) + "</style>\n";
    else if (ends_with(file.path, ".js"))
      add_script(parts, file.content);
    else if (ends_with(file.path, ".svg"))
      parts.icon = "data:image/svg+xml;base64," + base64(file.content);
  }
  return parts;
}

std::string title_of(const std::vector<results::Results>& files) {
  std::string title;
  for (const auto& file : files) title += (title.empty() ? "" : ", ") + file.experiment().name;
  return title;
}

std::string data_elements(const nlohmann::json& data, const Blocks& blocks) {
  std::string text =
      "<script type=\"application/json\" id=\"data\">" + script_json(data) + "</script>\n";
  std::size_t size = text.size();
  for (const auto& block : blocks.texts()) size += block.size() + 80;
  text.reserve(size);
  for (std::size_t i = 0; i < blocks.texts().size(); ++i)
    text += "<script type=\"text/plain\" id=\"block_" + std::to_string(i) + "\">" +
            blocks.texts()[i] + "</script>\n";
  return text;
}

void check_output(const std::vector<results::Results>& files, const std::string& path) {
  for (const auto& file : files) {
    std::error_code ignored;
    if (fs::equivalent(path, file.path(), ignored))
      throw ConfigError(path + " is the results file itself. Name another file for the report");
  }
}

}  // namespace

ReportSummary write_report(const std::vector<results::Results>& files, const std::string& path,
                           const ReportOptions& options) {
  check_output(files, path);
  const auto charts = chart_library();
  ReportSummary summary;
  Blocks blocks;
  auto data = report_data(files, blocks);
  data["pictures"] = picture_data(files, options.picture_bytes, blocks, summary.pictures);

  auto parts = page_parts(charts);
  const std::string policy =
      "default-src 'none'; base-uri 'none'; form-action 'none'; img-src "
      "data:; style-src 'unsafe-inline'; script-src" +
      parts.sources;
  // The data comes last, so that no text in it is taken for a place of the page.
  auto& page = parts.page;
  put(page, "policy",
      "<meta http-equiv=\"Content-Security-Policy\" content=\"" + escape_html(policy) + "\">");
  put(page, "title", "<title>" + escape_html(title_of(files)) + " – Varia</title>");
  put(page, "icon", "<link rel=\"icon\" href=\"" + parts.icon + "\">");
  put(page, "styles", parts.styles);
  put(page, "chart-licence", escape_html(charts.notice + "\n" + charts.licence));
  const std::string mark = "<!--data-and-scripts-->";
  const auto place = page.find(mark);
  if (place == std::string::npos) throw Error("the page of the report has no place for its data");
  page = page.substr(0, place) + data_elements(data, blocks) + parts.scripts +
         page.substr(place + mark.size());
  files::write_whole_file(path, page);
  summary.trials = data["trials"]["count"];
  summary.bytes = page.size();
  return summary;
}

}  // namespace varia::report

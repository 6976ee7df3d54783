#include "pages/report/write_report.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "files/whole_file.hpp"
#include "pages/report/picture_data.hpp"
#include "pages/report/report_data.hpp"
#include "pages/shared/page_assets.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::report {

namespace {

namespace fs = std::filesystem;

/// Puts `content` in the place of the one `mark` of a page.
void put(std::string& page, const std::string& mark, const std::string& content) {
  const auto place = page.find(mark);
  if (place == std::string::npos) throw Error("the page of the report has no place for " + mark);
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

/// The page with the files that it names in it. Scripts that are not of these, whatever brings them
/// in, do not run.
/// @param data the elements that hold the results: they come last, so that no text in them is taken
///             for a place of the page
std::string whole_page(const std::string& title, const std::string& data) {
  const auto charts = [](const char* name) { return pages::chart_library_file(name).value(); };
  // What others may have written comes in last, so that nothing in it is taken for a place.
  auto page =
      pages::filled_page({{"scripts", R"(<script src="blocks.js"></script>)"},
                          {"start", R"(<script src="report.js"></script>)"},
                          {"charts",
                           "<details><summary>Drawn with Apache ECharts (licence)</summary><pre>"
                           "<!--chart-licence--></pre></details>"}});
  std::string policy =
      "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src "
      "'unsafe-inline'; script-src";
  const std::string script = R"(<script src=")";
  std::size_t from = 0;
  while ((from = page.find(script, from)) != std::string::npos) {
    const auto begin = from + script.size();
    const auto name = page.substr(begin, page.find('"', begin) - begin);
    const auto text = name == "echarts.min.js" ? charts("echarts.min.js")
                                               : std::string(pages::page_file(name).content);
    policy += " " + policy_source(text);
    page.replace(from, script.size() + name.size() + 2, "<script>" + text);
    from += text.size();
  }
  for (const auto* name : {"base.css", "page.css"})
    put(page, R"(<link rel="stylesheet" href=")" + std::string(name) + R"(">)",
        "<style>" + std::string(pages::page_file(name).content) + "</style>");
  put(page, "icon.svg",
      "data:image/svg+xml;base64," + base64(pages::page_file("icon.svg").content));
  put(page, "<!--chart-licence-->", escape_html(charts("NOTICE") + "\n" + charts("LICENSE")));
  put(page, "<!--policy-->",
      R"(<meta http-equiv="Content-Security-Policy" content=")" + escape_html(policy) + R"(">)");
  put(page, "<!--title-->", "<title>" + escape_html(title) + " – Varia</title>");
  put(page, "<!--data-->", data);
  return page;
}

std::string title_of(const std::vector<results::Results>& files) {
  std::string title;
  for (const auto& file : files) title += (title.empty() ? "" : ", ") + file.experiment().name;
  return title;
}

std::string data_elements(const nlohmann::json& data, const Blocks& blocks) {
  std::string text =
      R"(<script type="application/json" id="data">)" + script_json(data) + "</script>\n";
  std::size_t size = text.size();
  for (const auto& block : blocks.texts()) size += block.size() + 80;
  text.reserve(size);
  for (std::size_t i = 0; i < blocks.texts().size(); ++i)
    text += R"(<script type="text/plain" id="block_)" + std::to_string(i) + R"(">)" +
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
                           std::uint64_t picture_bytes) {
  check_output(files, path);
  pages::require_chart_library();
  Blocks blocks;
  auto data = report_data(files, blocks);
  data["pictures"] = picture_data(files, picture_bytes, blocks);
  const auto page = whole_page(title_of(files), data_elements(data, blocks));
  files::write_whole_file(path, page);
  return {.trials = data["trials"]["count"],
          .pictures = data["pictures"]["kept"],
          .pictures_left_out = data["pictures"]["left_out"],
          .bytes = page.size()};
}

}  // namespace varia::report

#include "tables/csv_file.hpp"

#include <csv.h>
#include <utf8proc.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>
#include <utility>

#include "varia/error.hpp"
#include "varia/mapped_file.hpp"

namespace varia::datasets {

namespace {

constexpr std::size_t kMostCells = 100'000;
constexpr std::size_t kLongestCell = std::size_t{1} << 20;
constexpr std::size_t kLongestRow = std::size_t{1} << 26;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

/// What libcsv calls back: a cell was read, or a row. It is C, so that nothing may be thrown
/// through it.
struct Cells {
  std::vector<std::string> cells;
  bool row_ended = false;
  bool out_of_memory = false;
  std::size_t bytes = 0;    // of the cells
  std::size_t pending = 0;  // given since the last cell

  static void on_cell(void* text, std::size_t size, void* self) noexcept {
    auto& own = *static_cast<Cells*>(self);
    own.pending = 0;
    own.bytes += size;
    try {
      own.cells.emplace_back(static_cast<const char*>(text), size);
    } catch (const std::bad_alloc&) {
      own.out_of_memory = true;
    }
  }
  static void on_row(int, void* self) noexcept { static_cast<Cells*>(self)->row_ended = true; }
};

bool is_utf8(std::string_view text) {
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t character = -1;
    const auto size =
        utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(text.size() - i), &character);
    if (size < 1) return false;
    i += static_cast<std::size_t>(size);
  }
  return true;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/// A file that is not packed is read as it is.
gzFile opened(const std::filesystem::path& path) {
  file_stamp(path);  // throws if there is none, or opening it would wait for a pipe
  const auto file = gzopen(path.c_str(), "rb");
  if (file == nullptr) throw DataError(path.string(), "may not be read.");
  return file;
}

}  // namespace

struct CsvFile::State {
  State(const std::filesystem::path& path, char separator)
      : path(path.string()), separator(separator), file(opened(path)) {
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
      gzclose(file);
      throw std::bad_alloc();
    }
    // Runs of blanks become tabs.
    csv_set_delim(&parser, separator == kBlanks ? '\t' : static_cast<unsigned char>(separator));
  }
  ~State() {
    csv_free(&parser);
    gzclose(file);
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw DataError(path + ":" + std::to_string(row_line), message);
  }

  /// Loads the next bytes into the buffer; false at the end of the file.
  bool load() {
    const int count = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()));
    int error = Z_OK;
    const char* const text = gzerror(file, &error);
    if (count < 0 || error == Z_BUF_ERROR || error == Z_DATA_ERROR)
      throw DataError(path, std::string("is not an intact gzip file: ") +
                                (error == Z_BUF_ERROR ? "it is cut short" : text) + ".");
    left = {buffer.data(), static_cast<std::size_t>(count)};
    if (std::exchange(at_begin, false) && left.starts_with(kUtf8Mark))
      left.remove_prefix(kUtf8Mark.size());
    return count > 0;
  }

  /// Takes what is left of the current line out of the buffer, with the byte that ends it.
  std::string_view take_piece() {
    const auto* const end = std::find_if(left.begin(), left.end(), is_line_end);
    const auto size = static_cast<std::size_t>(end - left.begin()) + (end == left.end() ? 0 : 1);
    const auto piece = left.substr(0, size);
    left.remove_prefix(size);
    return piece;
  }

  void count_line(std::string_view piece) {
    const char first_of_pair = std::exchange(last, piece.back());
    if (!is_line_end(last)) return;
    // "\r\n" ends one line. Its second byte is a piece of its own.
    if (!(last == '\n' && piece.size() == 1 && first_of_pair == '\r')) ++line;
  }

  bool is_blank_line(std::string_view piece) const {
    return std::ranges::all_of(piece, [&](char c) {
      return is_line_end(c) || ((c != separator || separator == kBlanks) && is_blank(c));
    });
  }

  /// A piece with a tab for each run of blanks between two cells, and none elsewhere but in quotes.
  std::string_view separated_by_tabs(std::string_view piece) {
    separated.clear();
    if (!in_row) in_quotes = after_cell = after_blank = false;
    for (const char c : piece) {
      if (c == '"') in_quotes = !in_quotes;
      if (!in_quotes && is_blank(c)) {
        after_blank = true;
        continue;
      }
      if (after_cell && after_blank && !is_line_end(c)) separated += '\t';
      after_blank = false;
      after_cell = true;
      separated += c;
    }
    return separated;
  }

  void parse(std::string_view piece) {
    if (separator == kBlanks) piece = separated_by_tabs(piece);
    if (!in_row) row_line = line;
    in_row = true;
    if (piece.find('\0') != std::string_view::npos)
      fail("has a zero byte; expected text in UTF-8.");
    read.pending += piece.size();
    if (csv_parse(&parser, piece.data(), piece.size(), Cells::on_cell, Cells::on_row, &read) !=
        piece.size())
      explain();
    if (read.out_of_memory) throw std::bad_alloc();
    if (read.pending > kLongestCell)
      fail("has a cell of more than " + std::to_string(kLongestCell) +
           " bytes. Is there a quote that is not closed?");
    if (read.bytes > kLongestRow)
      fail("has a row of more than " + std::to_string(kLongestRow) +
           " bytes, the most that are read.");
    if (read.cells.size() > kMostCells)
      fail("has more than " + std::to_string(kMostCells) + " cells, the most that are read.");
  }

  [[noreturn]] void explain() {
    if (csv_error(&parser) == CSV_ENOMEM) throw std::bad_alloc();
    fail(
        "a quote is out of place or not closed. A cell with quotes stands in quotes, and those "
        "within it are doubled.");
  }

  bool next(CsvRow& row) {
    read.cells.clear();
    read.bytes = 0;
    while (!read.row_ended) {
      if (left.empty() && !load()) {
        if (csv_fini(&parser, Cells::on_cell, Cells::on_row, &read) != 0) explain();
        if (!read.row_ended) return false;
        break;
      }
      if (left.empty()) continue;  // the file has nothing but its mark
      const auto piece = take_piece();
      if (in_row || !is_blank_line(piece)) parse(piece);
      count_line(piece);
    }
    for (const auto& cell : read.cells)
      if (!is_utf8(cell))
        fail("has a cell that is not UTF-8 text; save the file in that encoding.");
    read.row_ended = false;
    in_row = false;
    row.line = row_line;
    std::swap(row.cells, read.cells);
    return true;
  }

  std::string path;
  char separator;
  gzFile file;
  csv_parser parser{};
  Cells read;
  std::array<char, 1 << 16> buffer{};
  std::string_view left;  // of the buffer
  bool at_begin = true;
  bool in_row = false;
  char last = '\0';  // of what was read
  std::int64_t line = 1;
  std::int64_t row_line = 1;
  // With kBlanks: the last piece, and where in a row it ended.
  std::string separated;
  bool in_quotes = false;
  bool after_cell = false;
  bool after_blank = false;
};

CsvFile::CsvFile(const std::filesystem::path& path, char separator)
    : state_(std::make_unique<State>(path, separator)) {}

CsvFile::~CsvFile() = default;

bool CsvFile::next(CsvRow& row) { return state_->next(row); }

}  // namespace varia::datasets

// A file that is gone when the test is over.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace turnomatic::support {

class temporary_file {
 public:
  explicit temporary_file(const std::string& text = {}) {
    std::string name = (std::filesystem::temp_directory_path() / "turnomatic-XXXXXX").string();
    const int fd = ::mkstemp(name.data());
    if (fd < 0)
      throw std::runtime_error{"no temporary file"};
    ::close(fd);
    path_ = name;
    write(text);
  }
  ~temporary_file() { std::filesystem::remove(path_); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  void write(const std::string& text) const { std::ofstream{path_} << text; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace turnomatic::support

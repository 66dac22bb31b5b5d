# act_mathematics.csv: counts printed in Kolen & Brennan (2014), table 2.5; equated scores by equate (R 4.2.2).
library(equate)
act <- read.csv("act_mathematics.csv")
x <- as.freqtab(act[, c("score", "x")]); y <- as.freqtab(act[, c("score", "y")])
print(packageVersion("equate"))
out <- data.frame(score = act$score,
  mean = equate(x, y, type = "mean")$concordance$yx,
  linear = equate(x, y, type = "linear")$concordance$yx,
  equipercentile = equate(x, y, type = "equipercentile")$concordance$yx,
  equipercentile_loglinear6 = equate(x, y, type = "equipercentile", smooth = "loglin", degree = 6)$concordance$yx)
print(out, digits = 15)

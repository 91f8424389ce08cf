/** tmp */
process.stdout.write("2\n");

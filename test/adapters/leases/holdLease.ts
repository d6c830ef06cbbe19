import { createFileLeases } from '../../../src/adapters/leases/fileLeases';

/** Takes the lease `watch` of a folder, says so, and holds it until it is killed (or a minute has passed). */
void createFileLeases(process.argv[2] ?? '')
  .take('watch')
  .then((lease) => {
    console.log(lease === undefined ? 'refused' : 'taken');
    setTimeout(() => undefined, 60_000);
  });
